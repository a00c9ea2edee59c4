/**
 * Inputs that broke other mail libraries, as they were published: each line of the list is a test. The same tricks in every
 * other field are in the tests beside this one.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { type AnySmtpError, EmailMessage, isSmtpError, parseAddressList, send } from "../../src/index.js";
import type { MessageInput } from "../../src/submission/prepare.js";
import { BASE, LIMITS } from "./probe.js";
import { describeContent, Recorder, RICH, readBack } from "./recorder.js";

const INJECTION = "x\r\nRCPT TO:<e@v.il>";

/** What the server was told; or the error, when nothing at all was opened. */
async function told(message: object | string, options: object = {}): Promise<Recorder> {
  const recorder = new Recorder(RICH);
  await send(message as MessageInput, { ...LIMITS, ...options, socket: recorder.open });
  assert.deepEqual(recorder.violations, []);
  return recorder;
}

async function refused(message: object | string, options: object = {}, code = "address"): Promise<AnySmtpError> {
  const recorder = new Recorder(RICH);
  const delivery = { ...LIMITS, ...options, socket: recorder.open };
  const error: unknown = await send(message as MessageInput, delivery).then(
    () => assert.fail("it was sent"),
    (thrown: unknown) => thrown,
  );
  assert.ok(isSmtpError(error), String(error));
  assert.equal(error.code, code, error.message);
  assert.equal(error.phase, "input");
  assert.equal(recorder.links.length, 0, "nothing was opened");
  return error;
}

const recipientsOf = (recorder: Recorder): readonly string[] =>
  recorder.lines.filter((line) => line.startsWith("RCPT")).map((line) => /<(.*)>/.exec(line)?.[1] ?? line);

const to = (value: unknown): object => ({ ...BASE, to: value });

test("CVE-2021-23400, CVE-2025-59419, CVE-2026-53533, CVE-2026-45067: a line end in an address, wherever it comes from", async () => {
  for (const breaker of ["\r\n", "\r", "\n", "\0", "\u001b", "\u007f", "\u0085"]) {
    await refused(to({ name: "a", address: `x${breaker}RCPT TO:<e@v.il>` }));
    await refused(to(`"x${breaker}Bcc: e@v.il"@x.com`));
    await refused(to({ name: `a${breaker}Bcc: e@v.il`, address: "a@b.example" }));
    await refused("Subject: s\r\n\r\n", { sender: `x${breaker}@a.example`, recipients: "b@b.example" });
    await refused("Subject: s\r\n\r\n", { sender: "", recipients: [`x${breaker}@a.example`] });
  }
});

test("CVE-2025-7962: code points that truncate to CR and LF", async () => {
  const tricky = "a\u760d\u760a\u010d\u010aBcc: e@v.il";
  const recorder = await told({ ...BASE, subject: tricky, to: { name: tricky, address: "b@b.example" } });
  const [committed] = recorder.committed;
  assert.ok(committed);
  assert.equal((await readBack(committed)).subject, tricky);
  assert.doesNotMatch(committed.content, /\r(?!\n)|(?<!\r)\n|^Bcc/m);
  await refused(BASE, { localHostname: "h\u010d\u010ax y" }, "option");
});

test("GHSA-c7w3-x93f-qmm8: every ESMTP parameter is input", async () => {
  await refused(BASE, { dsn: { envelopeId: INJECTION } }, "option");
  await refused(BASE, { mailOptions: [`X-A=${INJECTION}`] }, "option");
  await refused(BASE, { rcptOptions: [INJECTION] }, "option");
  await refused(BASE, { recipients: [{ address: "b@b.example", originalRecipient: INJECTION }] }, "option");
});

test("GHSA-vvjj-xcjg-gr5g: the EHLO name is input", async () => {
  await refused(BASE, { localHostname: "h\r\nMAIL FROM:<a@b>" }, "option");
  await refused(BASE, { localHostname: "h".repeat(1000) }, "option");
});

test("CVE-2025-59937: a quoted local part goes out quoted", async () => {
  const recorder = await told(to('"toni> ORCPT=admin@admin.com"@example.com'));
  assert.ok(recorder.lines.includes('RCPT TO:<"toni> ORCPT=admin@admin.com"@example.com>'));
  assert.match(recorder.committed[0]?.content ?? "", /^To: "toni> ORCPT=admin@admin\.com"@example\.com\r$/m);
});

test("CVE-2025-13033: a quoted part may hold @", async () => {
  const recorder = await told(to('"a@b.com x"@internal.domain'));
  assert.deepEqual(recipientsOf(recorder), ['"a@b.com x"@internal.domain']);
});

test("GHSA-cc9r-2j5m-2m83: comments do not move the domain", async () => {
  await refused(to("user@evil.com(good.com"));
  await refused(to("<user@good.com(@evil.com)> x"));
  const recorder = await told(to("<user@good.com(@evil.com)>"));
  assert.deepEqual(recipientsOf(recorder), ["user@good.com"]);
  assert.match(recorder.committed[0]?.content ?? "", /^To: user@good\.com\r$/m);
});

test("CVE-2019-16056, CVE-2023-27043: several @, several <>", async () => {
  await refused(to("a@b.com@c.com"));
  await refused(to("Foo <a@good> <b@evil>"));
  await refused(to("Foo <a@good>, <b@evil"));
});

test("GHSA-wmmp-3585-3rmp: the domain that is exposed is the one on the wire", async () => {
  for (const address of ["x@ex\u00adample.com", "a@b\u3002com", "a@b\uff0ecom"]) {
    const [mailbox] = parseAddressList(address);
    assert.ok(mailbox !== undefined && "asciiAddress" in mailbox);
    assert.deepEqual(recipientsOf(await told(to(address))), [mailbox.asciiAddress]);
    assert.match(mailbox.asciiAddress ?? "", /^[ -~]+$/);
  }
});

test("CVE-2025-14874: no nesting overflows the stack", async () => {
  await refused(to(`${"g0:".repeat(3000)}a@b;`));
  await refused(to(`${"(".repeat(100_000)}a@b.c`));
});

test("GHSA-2x7j-588g-ccc2, CVE-2025-61725: a megabyte takes moments, where anything quadratic takes minutes", async () => {
  for (const unit of ["a(b)", "<", '"', "(", '"a" ']) await refused(to(unit.repeat((1 << 20) / unit.length)));
  assert.equal(parseAddressList(`${"a@b.c,".repeat(100_000)}a@b.c`).length, 100_001);
});

test("GHSA-268h-hp4c-crq3: no way of making headers goes past the check", async () => {
  const unsubscribe = (comment: string) => ({
    ...BASE,
    list: { unsubscribe: { url: "https://l.example/u", comment } },
  });
  await refused(unsubscribe("a\r\nBcc: e@v.il"), {}, "message");
  await refused(
    { ...BASE, headers: { "List-Unsubscribe": "<https://l.example/u> (a\r\nBcc: e@v.il)" } },
    {},
    "message",
  );
});

test("CVE-2026-45070: names are input too", async () => {
  await refused({ ...BASE, headers: { "X-A\r\nBcc: e@v.il": "x" } }, {}, "message");
  await refused({ ...BASE, headers: [["X A", "x"]] }, {}, "message");
  const attachment = { content: "x", contentType: 'text/plain; f\r\nX="1"' };
  await refused({ ...BASE, attachments: [attachment] }, {}, "message");
});

test("CVE-2020-13625: file names, content ids and boundaries are input", async () => {
  const filename = 'x.html";.jpg';
  const recorder = await told({ ...BASE, attachments: [{ content: "x", filename }] });
  const [committed] = recorder.committed;
  assert.ok(committed);
  assert.equal((await readBack(committed)).attachments[0]?.filename, filename);
  for (const wrong of ['a"\r\nX: 1', "\ud800"]) {
    await refused({ ...BASE, attachments: [{ content: "x", filename: wrong }] }, {}, "message");
    await refused({ ...BASE, attachments: [{ content: "x", contentId: wrong }] }, {}, "message");
  }
  const multipart = { "Content-Type": "multipart/mixed; boundary=a\r\nX" };
  await refused({ ...BASE, attachments: [{ content: "x" }], headers: multipart }, {}, "message");
});

test("CVE-2024-6923, CVE-2025-1795: folding keeps quotes and commas", async () => {
  const name = `Doe, Jane; ${"a long name, with commas; and <brackets> ".repeat(6)}end`;
  const list = [
    { name, address: "a@b.example" },
    { name, address: "c@d.example" },
  ];
  const recorder = await told(to(list));
  const [committed] = recorder.committed;
  assert.ok(committed);
  const email = await readBack(committed);
  assert.deepEqual(
    email.to?.map((one) => [one.name, one.address]),
    [
      [name, "a@b.example"],
      [name, "c@d.example"],
    ],
  );
});

test("CVE-2021-38189, CVE-2023-51764 to 51766: one message, whatever its dots and line ends", async () => {
  const bodies = [
    "\r\n\r\n.\r\nMAIL FROM:<e@v.il>",
    "\n.\n",
    "\r.\r",
    "\n.\r\n",
    "\r\n.\n",
    "\r\r\n.\r\r\n",
    ".\r\n",
    ".",
    "\r\n.\r",
    "a\n.\r\nQUIT\r\n",
  ];
  for (const extensions of [RICH, []]) {
    for (const body of bodies) {
      const raw = Buffer.from(`Subject: s\r\n\r\n${body}`);
      const canonical = raw.toString().replace(/\r\n|\r|\n/g, "\r\n");
      const whole = canonical.endsWith("\r\n") ? canonical : `${canonical}\r\n`;
      for (let cut = 0; cut <= raw.length; cut++) {
        const recorder = new Recorder(extensions);
        const chunks = (async function* () {
          yield raw.subarray(0, cut);
          yield raw.subarray(cut);
        })();
        await send(chunks, { ...LIMITS, sender: "", recipients: "b@b.example", socket: recorder.open });
        assert.deepEqual(recorder.violations, []);
        assert.equal(recorder.committed.length, 1);
        const content = recorder.committed[0]?.content ?? "";
        assert.equal(content.endsWith("\r\n") ? content : `${content}\r\n`, whole, JSON.stringify([body, cut]));
      }
    }
  }
});

test("CVE-2026-82659, CVE-2017-5223, CVE-2021-34551: data never opens anything", async () => {
  const asData = (value: object): object => JSON.parse(JSON.stringify(value));
  await refused(asData({ ...BASE, text: { path: "/etc/passwd" } }), {}, "message");
  await refused(asData({ ...BASE, html: { href: "http://127.0.0.1:1/" } }), {}, "message");
  await refused(asData({ ...BASE, attachments: [{ path: "/etc/passwd" }] }), {}, "message");
  await refused(asData({ ...BASE, attachments: [{ content: { path: "/etc/passwd" } }] }), {}, "message");
  await refused(asData({ ...BASE, attachments: [{ href: "http://127.0.0.1:1/" }] }), {}, "message");
  const html = '<img src="../../etc/passwd"><img src="file:///etc/passwd">';
  const recorder = await told(asData({ from: "a@a.example", to: "b@b.example", html }));
  assert.ok(recorder.committed[0]?.content.includes(html), "a link stays what it is");
});

test("unparsable recipients do not vanish", async () => {
  assert.match((await refused(to(["b@x.example", "oops"]))).message, /to\[1\]/);
  assert.match((await refused(BASE, { recipients: ["b@x.example", "oops"] })).message, /recipients\[1\]/);
});

test("a message that is sent again, and one that is built by hand, say the same", async () => {
  const message = new EmailMessage({ ...BASE, bcc: "hidden@b.example" });
  const first = await told(message);
  const second = await told(message);
  assert.deepEqual(first.committed, second.committed);
  assert.ok(!describeContent(first.committed[0]?.content ?? "").includes("bcc"));
  assert.ok(recipientsOf(first).includes("hidden@b.example"));
});
