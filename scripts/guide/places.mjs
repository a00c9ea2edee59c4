// @ts-check
/**
 * What stands behind the names in the guide. A page prints smtp.example.com and ./ca.pem, and so does the program that runs:
 * nothing in its text is replaced. While it runs, connections to these names lead to servers on this machine, and these files
 * lie beside it. A page may use what is in these tables; a new name is a new row.
 *
 * Layer: scripts.
 */

/**
 * @typedef {"plain" | "web" | "tls" | "starttls" | "private-tls" | "private-starttls" | "strict" | "unreliable" | "silent" | "submission" | "lmtp" | "http-proxy" | "locked-proxy" | "socks-proxy" | "tokens"} ServerName
 *
 * - plain: the inbox as the reader starts it: no TLS, any credentials.
 * - web: the page of that inbox.
 * - tls, starttls: TLS from the first byte, or by STARTTLS; a certificate that Node trusts; any credentials.
 * - private-tls, private-starttls: the same with a certificate of the authority in ./ca.pem, which Node does not trust.
 * - strict: refuses credentials (535), senders called blocked (550), recipients called nobody (550) or busy (451).
 * - unreliable: closes the connection instead of answering after the message.
 * - silent: accepts connections and says nothing.
 * - submission: TLS from the first byte, and every extension that a delivery option asks for.
 * - lmtp: a mail store that speaks LMTP; the mailbox called full has no room, and nobody is not there.
 * - http-proxy, socks-proxy: lead to the names of this table; locked-proxy asks for credentials (407).
 * - tokens: gives access tokens to whoever asks.
 */

/**
 * Host and port as a program asks for them, and who answers. `*` is every other port.
 * @type {Readonly<Record<string, ServerName>>}
 */
export const ROUTES = {
  "127.0.0.1:1025": "plain",
  "localhost:1025": "plain",
  "127.0.0.1:8025": "web",
  "localhost:8025": "web",
  "relay.example.com:25": "plain",
  "smtp.example.com:25": "starttls",
  "smtp.example.com:587": "starttls",
  "smtp.example.com:465": "tls",
  "smtp.gmail.com:587": "starttls",
  "smtp.gmail.com:465": "tls",
  "smtp.office365.com:587": "starttls",
  "email-smtp.eu-west-1.amazonaws.com:465": "tls",
  "smtp.postmarkapp.com:587": "starttls",
  "smtp.eu.mailgun.org:465": "tls",
  "smtp.sendgrid.net:587": "starttls",
  "smtp-relay.brevo.com:587": "starttls",
  "smtp.resend.com:465": "tls",
  "live.smtp.mailtrap.io:587": "starttls",
  "sandbox.smtp.mailtrap.io:2525": "starttls",
  "smtp.fastmail.com:465": "tls",
  "mail.internal:25": "private-starttls",
  "mail.internal:587": "private-starttls",
  "mail.internal:465": "private-tls",
  "strict.example.com:25": "strict",
  "strict.example.com:587": "strict",
  "unreliable.example.com:25": "unreliable",
  "unreliable.example.com:587": "unreliable",
  "192.0.2.1:*": "silent",
  "submit.example.com:465": "submission",
  "store.example.com:24": "lmtp",
  "proxy.example.com:3128": "http-proxy",
  "proxy.example.com:1080": "socks-proxy",
  "locked-proxy.example.com:3128": "locked-proxy",
  "oauth2.googleapis.com:443": "tokens",
  "login.microsoftonline.com:443": "tokens",
};

/** Names in the certificate that Node trusts. */
export const PUBLIC_NAMES = [
  "smtp.example.com",
  "smtp.gmail.com",
  "smtp.office365.com",
  "email-smtp.eu-west-1.amazonaws.com",
  "smtp.postmarkapp.com",
  "smtp.eu.mailgun.org",
  "smtp.sendgrid.net",
  "smtp-relay.brevo.com",
  "smtp.resend.com",
  "live.smtp.mailtrap.io",
  "sandbox.smtp.mailtrap.io",
  "smtp.fastmail.com",
  "submit.example.com",
  "oauth2.googleapis.com",
  "login.microsoftonline.com",
];

/** Names in the certificate that only ./ca.pem vouches for. */
export const PRIVATE_NAMES = ["mail.internal", "localhost"];

/** Every other Unix socket that a program connects to is the plain inbox when its path looks like this. */
export const SOCKET_PATH = /^\/(?:run|var\/run|tmp)\/[\w./-]+$/;

/**
 * Unix sockets with somebody else behind them.
 * @type {Readonly<Record<string, ServerName>>}
 */
export const SOCKETS = { "/run/dovecot/lmtp": "lmtp" };

/**
 * Files that lie in the folder in which a block runs; ca.pem, client-cert.pem and client-key.pem are made for each run.
 * @type {Readonly<Record<string, string | Uint8Array>>}
 */
export const FILES = {
  "report.pdf": "%PDF-1.4\n%%EOF\n",
  "invoice.pdf": "%PDF-1.4\n%%EOF\n",
  "logo.png": Uint8Array.from(
    atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    (character) => character.charCodeAt(0),
  ),
  "photo.jpg": Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0xff, 0xd9),
  "message.eml": "From: ada@example.com\r\nTo: grace@example.com\r\nSubject: From a file\r\n\r\nHello from a file.\r\n",
};
