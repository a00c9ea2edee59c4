/**
 * Mails that have what the features of the page are about.
 */

/** A picture of one by one pixels. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

/** A link and a code to confirm with, a picture, an invitation, a PDF, and a message within it. */
export const WELCOME_MAIL = `From: Shop <shop@example.com>
To: Ben <ben@example.com>
Subject: Confirm your address
Message-ID: <confirm@example.com>
Date: Sun, 22 Nov 2026 12:00:00 +0000
X-Tags: signup
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Dear Ben, your code is 482913. Or follow https://shop.example/confirm?token=abcdef123456.
--a
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<!doctype html><style>p { display: flex; }</style><h1 style=3D"border-radius=
: 8px">Welcome, Ben</h1><p>Your code is <b>482913</b>.</p><p><a href=3D"https=
://shop.example/confirm?token=3Dabcdef123456">Confirm your address</a> <a hre=
f=3D"http://shop.example/help">Help</a></p>
--a--
--m
Content-Type: image/png; name="logo.png"
Content-Disposition: attachment; filename="logo.png"
Content-Transfer-Encoding: base64

${PNG}
--m
Content-Type: text/calendar; method=REQUEST; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"

BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Design review
DTSTART;TZID=Europe/Berlin:20261204T100000
DTEND;TZID=Europe/Berlin:20261204T110000
LOCATION:Room 5
ORGANIZER;CN=Ada Lovelace:mailto:ada@example.com
END:VEVENT
END:VCALENDAR
--m
Content-Type: message/rfc822

From: Katherine <katherine@example.com>
Subject: The numbers
Content-Type: text/plain

They are in.
--m
Content-Type: application/pdf; name="invoice.pdf"
Content-Disposition: attachment; filename="invoice.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQKJSVFT0YK
--m--
`;
