/**
 * An invitation that mail programs show with buttons, and the same as a file for those that do not.
 */
import { send } from "postrider";

const start = new Date(Date.UTC(2026, 5, 15, 12));
const end = new Date(start.getTime() + 3_600_000);

const invitation = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//Example//Planner//EN",
  "METHOD:REQUEST",
  "BEGIN:VEVENT",
  `UID:${crypto.randomUUID()}@example.org`,
  "SEQUENCE:0",
  `DTSTAMP:${calendarTime(new Date())}`,
  `DTSTART:${calendarTime(start)}`,
  `DTEND:${calendarTime(end)}`,
  "SUMMARY:Lunch",
  "ORGANIZER;CN=Ann Example:mailto:ann@example.org",
  "ATTENDEE;CN=Bob Example;RSVP=TRUE:mailto:bob@example.com",
  "END:VEVENT",
  "END:VCALENDAR",
].join("\r\n");

const result = await send(
  {
    from: "Ann Example <ann@example.org>",
    to: "Bob Example <bob@example.com>",
    subject: "Invitation: Lunch",
    text: `Lunch, ${start.toUTCString()}`,
    calendar: { method: "REQUEST", content: invitation, filename: "lunch.ics" },
  },
  { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" },
);
console.log(result.accepted);

/** 20260615T120000Z */
function calendarTime(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}
