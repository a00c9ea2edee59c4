import assert from "node:assert/strict";
import { test } from "node:test";
import { readCalendar } from "../../page/src/message/calendar.js";

const INVITATION = `BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
TZID:Europe/Berlin\r
BEGIN:STANDARD\r
DTSTART:19701025T030000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY:Design review\\, part
  two\r
DTSTART;TZID="Europe/Berlin":20261204T100000\r
DTEND:20261204T100000Z\r
LOCATION:Room 5\\nSecond floor\r
ORGANIZER;CN="Ada: Lovelace":mailto:ada@example.com\r
ATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION:mailto:ben@example.com\r
ATTENDEE:mailto:carol@example.com\r
RRULE:FREQ=WEEKLY\r
BEGIN:VALARM\r
SUMMARY:no\r
DTSTART:20200101\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
`.replace(/\n {2}two/, "\r\n  two");

test("an invitation says what, when, where and who", () => {
  assert.deepEqual(readCalendar(INVITATION), [
    {
      method: "REQUEST",
      summary: "Design review, part two",
      start: "Fri 2026-12-04 10:00 Europe/Berlin",
      end: "Fri 2026-12-04 10:00 UTC",
      location: "Room 5\nSecond floor",
      organizer: "Ada: Lovelace <ada@example.com>",
      attendees: ["Ben <ben@example.com>", "carol@example.com"],
      repeats: "FREQ=WEEKLY",
      cancelled: false,
    },
  ]);
});

test("a day is a day, a cancellation is one, and what is no calendar has no events", () => {
  const [event] = readCalendar("METHOD:CANCEL\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261204\nDTEND:soon\nEND:VEVENT");
  assert.deepEqual([event?.start, event?.end, event?.cancelled], ["Fri 2026-12-04", "soon", true]);
  for (const text of ["", "hello", "BEGIN:VEVENT", "END:VEVENT", ":\n;:\n;;="])
    assert.deepEqual(readCalendar(text), []);
});

test("a file of thousands of events shows twenty", () => {
  assert.equal(readCalendar("BEGIN:VEVENT\nEND:VEVENT\n".repeat(5000)).length, 20);
});
