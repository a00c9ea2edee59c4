/**
 * Line ends in every text that a program may hand on from outside: none becomes a header, a recipient or a command.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import ours from "../src/index.js";
import { startServer } from "./support/recording-server.js";

const BASE = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hi" };
const BREAKS = ["\r\n", "\n", "\r", "\r\n\r\n", "\r\n ", "\u0085", "\u2028"];
const EVIL = "X-Injected: yes";

/** Where the text stands. */
const PLACES: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  from: (text) => ({ from: text }),
  "a name in from": (text) => ({ from: { name: text, address: "ann@example.org" } }),
  "an address in from": (text) => ({ from: { name: "Ann", address: text } }),
  to: (text) => ({ to: text }),
  "a list in to": (text) => ({ to: ["bob@example.com", text] }),
  cc: (text) => ({ cc: `Carol ${text} <carol@example.com>` }),
  bcc: (text) => ({ bcc: text }),
  replyTo: (text) => ({ replyTo: text }),
  sender: (text) => ({ sender: text }),
  "the name of a group": (text) => ({ cc: { name: text, group: [{ address: "g@example.com" }] } }),
  subject: (text) => ({ subject: text }),
  "the name of a header": (text) => ({ headers: { [`X-A${text}`]: "1" } }),
  "the value of a header": (text) => ({ headers: { "X-A": text } }),
  "a prepared header": (text) => ({ headers: { "X-A": { prepared: true, value: text } } }),
  "a header in a list": (text) => ({ headers: [{ key: "X-A", value: text }] }),
  "a structured header": (text) => ({ headers: { "List-Unsubscribe": `<https://example.org/${text}>` } }),
  messageId: (text) => ({ messageId: `<a${text}@example.org>` }),
  inReplyTo: (text) => ({ inReplyTo: `<a${text}@example.org>` }),
  references: (text) => ({ references: [`<a${text}@example.org>`] }),
  date: (text) => ({ date: `Thu, 01 Jan 2026 00:00:00 +0000${text}` }),
  xMailer: (text) => ({ xMailer: text }),
  priority: (text) => ({ priority: text }),
  "the URL of a list": (text) => ({ list: { help: `https://example.org/${text}` } }),
  "the comment of a list": (text) => ({ list: { help: { url: "https://example.org/", comment: text } } }),
  "the key of a list": (text) => ({ list: { [`help${text}`]: "https://example.org/" } }),
  "the id of a list": (text) => ({ list: { id: { url: "news.example.org", comment: text } } }),
  "a file name": (text) => ({ attachments: [{ filename: `a${text}.txt`, content: "x" }] }),
  "a content type": (text) => ({
    attachments: [{ filename: "a", contentType: `text/plain; x=${text}`, content: "x" }],
  }),
  "a cid": (text) => ({ html: "<p>", attachments: [{ filename: "a", cid: `a${text}`, content: "x" }] }),
  "a header of an attachment": (text) => ({ attachments: [{ filename: "a", content: "x", headers: { "X-B": text } }] }),
  "a disposition": (text) => ({ attachments: [{ filename: "a", content: "x", contentDisposition: `inline${text}` }] }),
  "a transfer encoding": (text) => ({ attachments: [{ filename: "a", content: "x", contentTransferEncoding: text }] }),
  "the type of an alternative": (text) => ({ alternatives: [{ contentType: `text/x${text}`, content: "x" }] }),
  "the method of a calendar": (text) => ({ icalEvent: { method: `REQUEST${text}`, content: "BEGIN:VCALENDAR" } }),
  "the name of a calendar": (text) => ({ icalEvent: { filename: `a${text}.ics`, content: "BEGIN:VCALENDAR" } }),
  "the sender of an envelope": (text) => ({ envelope: { from: text, to: "bob@example.com" } }),
  "a recipient of an envelope": (text) => ({ envelope: { from: "ann@example.org", to: ["bob@example.com", text] } }),
  "the id of a DSN": (text) => ({ dsn: { id: text, return: "headers" } }),
  "the recipient of a DSN": (text) => ({ dsn: { notify: "never", recipient: text } }),
};

test("a line end in a text of a message is never one on the wire", async (t) => {
  await using server = await startServer();
  const pool = ours.createTransport({ pool: true, host: "127.0.0.1", port: server.port, ignoreTLS: true });
  const allowed = new Set(["bob@example.com", "carol@example.com", "g@example.com", "eve@example.com"]);
  for (const [place, make] of Object.entries(PLACES)) {
    await t.test(place, async () => {
      for (const lineEnd of BREAKS) {
        for (const text of [
          `eve@example.com${lineEnd}${EVIL}`,
          `${lineEnd}${EVIL}${lineEnd}`,
          `x${lineEnd}RCPT TO:<evil@example.net>`,
        ]) {
          const outcome = await pool.sendMail({ ...BASE, ...make(text) } as never).catch((error: Error) => error);
          if (outcome instanceof Error) {
            assert.match(String((outcome as { code?: string }).code), /^(?:EENVELOPE|EMESSAGE)$/, outcome.message);
            continue;
          }
          const arrived = server.arrived.pop();
          assert.ok(arrived);
          const [head = ""] = arrived.raw.toString("utf8").split(/^(?:--=|\r$)/m);
          assert.doesNotMatch(arrived.raw.toString("utf8"), /^(?:X-Injected|Bcc):/im);
          assert.doesNotMatch(
            head,
            /^(?![!-9;-~]+:|[ \t]|\r?$)./m,
            "a line that is neither a field nor its continuation",
          );
          for (const recipient of arrived.to) assert.ok(allowed.has(recipient), recipient);
        }
      }
    });
  }
  pool.close();
});

test("a line end in an option of a connection is an error before anything is written", async () => {
  await using server = await startServer();
  const options = { host: "127.0.0.1", port: server.port, ignoreTLS: true };
  const cases = [
    { name: `client.example.org\r\n${EVIL}` },
    { host: "127.0.0.1\r\nx" },
    { localAddress: "127.0.0.1\r\n" },
    { auth: { user: "u\r\nx", pass: "p" } },
    { auth: { user: "u", pass: "p\r\nx" } },
    { proxy: "http://127.0.0.1:1\r\nx" },
  ];
  for (const one of cases) {
    const error = await ours
      .createTransport({ ...options, ...one })
      .sendMail(BASE)
      .then(
        () => undefined,
        (reason: Error) => reason,
      );
    assert.ok(error !== undefined, JSON.stringify(one));
  }
  assert.equal(server.arrived.length, 0);
});
