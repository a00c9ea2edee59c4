import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { postrider } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";
import { onLinux } from "./support/system.js";
import { Terminal } from "./support/terminal.js";

test("it sends as many messages as it is told, and says how fast they were taken", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const args = ["bench", `smtp://127.0.0.1:${inbox.smtpPort}`, "-n", "50", "--size", "2000"];
  const { code, stdout } = await postrider([...args, "--json"]);
  assert.equal(code, 0);
  const result = JSON.parse(stdout);
  assert.equal(result.accepted, 50);
  assert.ok(result.perSecond > 0 && result.latencyMs.median <= result.latencyMs.p99);
  assert.equal(inbox.messages.length, 50);
  assert.ok((inbox.messages[0]?.size ?? 0) >= 1900);
  assert.match((await postrider(args)).stdout, /^\d+ messages a second \(50 of 50 in /);
});

test("a server that is not this machine needs --yes, and then --from and --to; no connection is opened before", async () => {
  const far = await postrider(["bench", "smtp://mail.example.org"]);
  assert.equal(far.code, 64);
  assert.match(far.stderr, /mail\.example\.org is not a local server; use --yes to send 1000 messages/);
  const vague = await postrider(["bench", "smtp://192.0.2.1", "--yes"]);
  assert.equal(vague.code, 64);
  assert.match(vague.stderr, /requires --from and --to/);
  for (const host of ["localhost.example.org", "127.0.0.1.example.org", "[::ffff:192.0.2.1]", "0.0.0.0"]) {
    assert.equal((await postrider(["bench", `smtp://${host}`])).code, 64, host);
  }
});

test("refusals are counted by what the server said, and end with 69", async (t) => {
  const server = await ScriptedServer.start(t, { answer: (line) => (/^RCPT/.test(line) ? "550 no" : undefined) });
  const { code, stderr } = await postrider(["bench", server.url, "-n", "3", "-c", "1", "--in-flight", "1"]);
  assert.equal(code, 69);
  assert.match(stderr, /^3 times: .*550 no/m);
});

test("on a terminal it shows how far it is; Ctrl-C ends it with what was measured, and 130", onLinux, async (t) => {
  const server = await ScriptedServer.start(t, {
    answer: (line) => (line === "." && server.messages.length === 3 ? new Promise(() => undefined) : undefined),
  });
  await using terminal = new Terminal(["bench", server.url, "-n", "50", "-c", "1", "--in-flight", "1"]);
  await terminal.shows(/3 of 50, \d+ a second/);
  terminal.type("\x03");
  await terminal.shows(/\d+ messages a second \(3 of 50 in /);
  assert.equal(await terminal.end(), 130);
});

test("an address that is none is one error before the first message, and not one for each: 65", async (t) => {
  const server = await ScriptedServer.start(t);
  for (const flag of ["--from", "--to"]) {
    const { code, stdout, stderr } = await postrider(["bench", server.url, flag, "foo"]);
    assert.match(stderr, new RegExp(`^postrider: ${flag}: "@" is missing`));
    assert.equal(code, 65);
    assert.equal(stdout, "");
    assert.equal((await postrider(["bench", server.url, flag, "a@example.org, b@example.org"])).code, 64);
  }
  assert.deepEqual(server.lines, []);
});
