import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fromFields, type MessageFields } from "../../../src/message/email-message.js";
import { fault, shape, wire, withoutGenerated } from "../support.js";

const ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Grüße\r\nEND:VCALENDAR\r\n";

const refused = (calendar: unknown): (() => void) => {
  return () => void fromFields({ calendar } as MessageFields);
};

test("a calendar is the last alternative, once, with its method", async () => {
  const message = fromFields({
    text: "t",
    html: "<p>h",
    amp: "<html ⚡4email>",
    calendar: { method: "REQUEST", content: ICS },
  });
  assert.equal(
    shape(message).replace(/\s+/g, " "),
    "multipart/alternative text/plain text/x-amp-html text/html text/calendar",
  );
  const text = await wire(message, { eightBit: true, utf8: false });
  assert.match(text, /^Content-Type: text\/calendar; charset=utf-8; method=REQUEST\r\n/m);
  assert.doesNotMatch(text, /Content-Disposition/);
  assert.ok(text.includes(`\r\n\r\n${Buffer.from(ICS).toString("latin1")}\r\n--`));
});

test("a calendar alone is the message", async () => {
  const text = withoutGenerated(await wire(fromFields({ calendar: { content: "BEGIN:VCALENDAR\nMETHOD:CANCEL\n" } })));
  assert.match(text, /^MIME-Version: 1\.0\r\nContent-Type: text\/calendar; charset=utf-8; method=CANCEL\r\n/);
  assert.ok(text.endsWith("\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n"));
});

test("with a file name it is an attachment too, of a type that is no second invitation", async () => {
  const calendar = { method: "request", content: Buffer.from(ICS), filename: "invite.ics" } as const;
  const message = fromFields({ text: "t", calendar, attachments: [{ filename: "a.txt", content: "a" }] });
  assert.equal(
    shape(message).replace(/\s+/g, " "),
    "multipart/mixed multipart/alternative text/plain text/calendar text/plain application/ics",
  );
  const text = await wire(message);
  assert.match(text, /^Content-Disposition: attachment; filename=invite\.ics\r\n/m);
  assert.ok(text.replaceAll("\r\n", "").includes(Buffer.from(ICS).toString("base64")));
});

test("the method and the content must say the same", () => {
  assert.throws(
    refused({ method: "CANCEL", content: ICS }),
    fault("message", "calendar.method", /CANCEL.*METHOD:REQUEST/),
  );
  const folded = "BEGIN:VCALENDAR\nMETHOD;X-A=1:reply\n";
  assert.throws(refused({ method: "REQUEST", content: folded }), fault("message", "calendar.method"));
  fromFields({ calendar: { method: "REPLY", content: folded } });
  fromFields({ calendar: { method: "PUBLISH", content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" } });
  fromFields({ calendar: { content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" } });
});

test("what is no calendar is an error that names the key", () => {
  const rules: readonly [unknown, string][] = [
    ["BEGIN:VCALENDAR", "calendar"],
    [{ method: "REQUEST" }, "calendar.content"],
    [{ method: "REQUEST", content: "x" }, "calendar.content"],
    [{ method: "REQUEST", content: 7 }, "calendar.content"],
    [{ method: "REQUEST", content: Buffer.from("BEGIN:VCALENDAR\r\n\xff", "latin1") }, "calendar.content"],
    [{ method: "REQUEST", content: `${ICS}\ud800` }, "calendar"],
    [{ method: "INVITE", content: ICS }, "calendar.method"],
    [{ method: "REQUEST; x=1\r\nBcc: e@v.il", content: ICS }, "calendar.method"],
    [{ content: "BEGIN:VCALENDAR\nMETHOD:x; y\n" }, "calendar.content"],
    [{ method: "REQUEST", content: `BEGIN:VCALENDAR\nMETHOD:${"x".repeat(100_000)}\n` }, "calendar.content"],
    [{ content: ICS, filename: "a\r\nX: 1" }, "calendar.filename"],
    [{ content: ICS, filename: "" }, "calendar.filename"],
    [{ content: ICS, path: "/etc/passwd" }, "calendar.path"],
    [{ content: ICS, methd: "REQUEST" }, "calendar.methd"],
  ];
  for (const [calendar, field] of rules) assert.throws(refused(calendar), fault("message", field));
});

test("AMP stands before the html and never alone", () => {
  assert.equal(
    shape(fromFields({ amp: { content: "a" }, html: "h" })).replace(/\s+/g, " "),
    "multipart/alternative text/x-amp-html text/html",
  );
  assert.throws(() => fromFields({ amp: "a" }), fault("message", "amp", /html or text/));
  assert.throws(() => fromFields({ amp: 1, html: "h" } as unknown as MessageFields), fault("message", "amp"));
  assert.throws(() => fromFields({ amp: "\ud800", html: "h" }), fault("message", "amp"));
});

test("a byte order mark before the first line is read and does not travel", async () => {
  const expected = withoutGenerated(await wire(fromFields({ calendar: { content: ICS } })));
  for (const content of [`\ufeff${ICS}`, Buffer.from(`\ufeff${ICS}`)]) {
    assert.equal(withoutGenerated(await wire(fromFields({ calendar: { content } }))), expected);
  }
});
