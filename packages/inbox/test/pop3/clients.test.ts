/** Programs that people read mail with: Python's poplib and curl, plain and inside TLS. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Inbox, startInbox } from "../../src/inbox.js";
import { Dialogue } from "../support/dialogue.js";

const CONTENTS = ["Subject: first\n\n..a dot\n.. \nend", `Subject: second\n\n${`${"ä".repeat(100)}\n`.repeat(2000)}`];
const POPLIB = `
import hashlib, json, poplib, ssl, sys
host, port, mode, ca, user = sys.argv[1:]
context = ssl.create_default_context(cafile=ca) if mode != "none" else None
client = poplib.POP3_SSL(host, int(port), context=context) if mode == "implicit" else poplib.POP3(host, int(port))
before = sorted(client.capa())
if mode == "starttls": client.stls(context=context)
client.user(user)
client.pass_("any")
count, size = client.stat()
ids = [line.decode().split()[1] for line in client.uidl()[1]]
mails = [b"\\r\\n".join(client.retr(number + 1)[1]) + b"\\r\\n" for number in range(count)]
top = client.top(2, 1)[1]
client.dele(1)
client.quit()
print(json.dumps({"stls": "STLS" in before, "size": size, "ids": ids, "top": len(top),
  "hashes": [hashlib.sha256(mail).hexdigest() for mail in mails], "lengths": [len(mail) for mail in mails]}))
`;

/** What a program prints; undefined when there is no such program, which CI must have. */
async function run(t: TestContext, program: string, parameters: readonly string[]): Promise<Buffer | undefined> {
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  let err = "";
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => {
    err += bytes;
  });
  const code = await new Promise<number | null | undefined>((resolve) => {
    child.once("error", () => resolve(undefined));
    child.once("close", resolve);
  });
  if (code === undefined) {
    assert.notEqual(process.env["CI"], "true", `CI needs ${program}`);
    t.diagnostic(`${program} is not installed`);
    return undefined;
  }
  assert.equal(code, 0, err);
  return Buffer.concat(out);
}

async function filled(tls: "starttls" | "implicit" | undefined): Promise<Inbox> {
  const inbox = await startInbox({ smtpPort: 0, webPort: false, pop3Port: 0, tls });
  const { smtpPort, certificate = "" } = inbox;
  const client = tls === "implicit" ? await Dialogue.openTls(smtpPort, certificate) : await Dialogue.open(smtpPort);
  await client.say("EHLO me");
  for (const content of CONTENTS) await client.deliver(content, "a@example.com", ["ben@example.com"]);
  await client.deliver("Subject: not for Ben\n\n", "a@example.com", ["cyd@example.com"]);
  client.destroy();
  return inbox;
}

for (const tls of [undefined, "starttls", "implicit"] as const) {
  const way = tls ?? "without TLS";

  test(`poplib fetches the bytes that arrived, and deletes (${way})`, async (t) => {
    await using inbox = await filled(tls);
    const folder = await mkdtemp(join(tmpdir(), "pop3-"));
    t.after(() => rm(folder, { recursive: true }));
    const ca = join(folder, "ca.pem");
    await writeFile(ca, inbox.certificate ?? "");
    const mine = inbox.messages.slice(0, 2);
    const host = tls === undefined ? "127.0.0.1" : "localhost";
    const parameters = ["-c", POPLIB, host, String(inbox.pop3Port), tls ?? "none", ca, "ben@example.com"];
    const printed = await run(t, "python3", parameters);
    if (printed === undefined) return;
    const hashes = await Promise.all(
      mine.map(async ({ raw }) =>
        Buffer.from(await crypto.subtle.digest("SHA-256", Uint8Array.from(raw))).toString("hex"),
      ),
    );
    assert.deepEqual(JSON.parse(printed.toString()), {
      stls: tls === "starttls",
      size: mine.reduce((sum, { size }) => sum + size, 0),
      ids: mine.map(({ id }) => id),
      top: 3,
      hashes,
      lengths: mine.map(({ size }) => size),
    });
    assert.deepEqual(
      inbox.messages.map(({ subject }) => subject),
      ["second", "not for Ben"],
    );
  });

  test(`curl lists and fetches (${way})`, async (t) => {
    await using inbox = await filled(tls);
    const folder = await mkdtemp(join(tmpdir(), "pop3-"));
    t.after(() => rm(folder, { recursive: true }));
    const ca = join(folder, "ca.pem");
    await writeFile(ca, inbox.certificate ?? "");
    const flags = ["--silent", "--show-error", "--noproxy", "*", "--user", "ben@example.com:any", "--cacert", ca];
    if (tls === "starttls") flags.push("--ssl-reqd");
    const url = `${tls === "implicit" ? "pop3s" : "pop3"}://${tls === undefined ? "127.0.0.1" : "localhost"}:${inbox.pop3Port}/`;
    const list = await run(t, "curl", [...flags, url]);
    if (list === undefined) return;
    assert.equal(
      list.toString(),
      inbox.messages
        .slice(0, 2)
        .map(({ size }, at) => `${at + 1} ${size}\r\n`)
        .join(""),
    );
    for (const number of [1, 2]) {
      const mail = await run(t, "curl", [...flags, `${url}${number}`]);
      assert.ok(mail?.equals(inbox.messages[number - 1]?.raw ?? Buffer.alloc(0)));
    }
  });
}
