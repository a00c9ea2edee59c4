/** `send --quit-after`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { postrider } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";

const verbs = (lines: readonly string[]): string[] => lines.map((line) => line.split(" ")[0] ?? "");

test("each step ends with QUIT, and no message is sent", async (t) => {
  for (const [step, expected] of [
    ["ehlo", ["EHLO", "QUIT"]],
    ["mail", ["EHLO", "MAIL", "QUIT"]],
    ["rcpt", ["EHLO", "MAIL", "RCPT", "RCPT", "QUIT"]],
  ] as const) {
    const server = await ScriptedServer.start(t, { extensions: ["SIZE 1000"] });
    const args = ["-s", server.url, "-f", "Ann <ann@example.org>", "bob@example.com", "--bcc", "cyd@example.com"];
    const { code, stdout, stderr } = await postrider(["send", ...args, "--quit-after", step]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.deepEqual(verbs(server.lines), expected);
    assert.match(stdout, /^greeting {2}220 scripted\nehlo {6}SIZE 1000\n/);
    if (step === "rcpt") assert.match(stdout, /^rcpt {6}<cyd@example\.com> {2}250 ok$/m);
  }
});

test("a refused recipient is named, with 69 or 75, and so is a refused sender", async (t) => {
  for (const [reply, expected] of [
    ["550 5.1.1 nobody", 69],
    ["451 4.2.0 later", 75],
  ] as const) {
    const server = await ScriptedServer.start(t, { answer: (line) => (line.includes("<bob@") ? reply : undefined) });
    const recipients = ["bob@example.com", "cyd@example.com"];
    const args = ["send", "-s", server.url, "-f", "ann@example.org", "--quit-after", "rcpt", ...recipients];
    const { code, stdout, stderr } = await postrider(args);
    assert.equal(code, expected);
    assert.match(stdout, /<cyd@example\.com> {2}250/);
    assert.match(stderr, /^refused .*<bob@example\.com>.*nobody|later/m);
    const asJson = JSON.parse((await postrider([...args, "--json"])).stdout);
    assert.equal(asJson.refused[0].recipient, "bob@example.com");
    assert.equal(asJson.steps.at(-1).about, "<cyd@example.com>");
  }
});

test("auth logs in and goes no further; ehlo does not log in", async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false, auth: { username: "ann", password: "pw" } });
  const server = ["send", "-s", `ann@127.0.0.1:${inbox.smtpPort}`];
  const ehlo = await postrider([...server, "--quit-after", "ehlo"]);
  assert.equal(ehlo.code, 0);
  assert.match(ehlo.stdout, /^ {10}AUTH PLAIN/m);
  const right = await postrider([...server, "--quit-after", "auth"], { env: { POSTRIDER_PASSWORD: "pw" } });
  assert.equal(right.code, 0);
  assert.match(right.stdout, /^auth {6}accepted$/m);
  const wrong = await postrider([...server, "--quit-after", "auth"], { env: { POSTRIDER_PASSWORD: "no" } });
  assert.equal(wrong.code, 77);
  assert.equal(inbox.messages.length, 0);
});

test("what does not go with a rehearsal is an error", async () => {
  const server = ["send", "-s", "127.0.0.1:1"];
  for (const [args, says] of [
    [["--quit-after", "auth"], /needs a user/],
    [["--quit-after", "rcpt", "-f", "a@b.c"], /--to is missing/],
    [["--quit-after", "mail"], /--from is missing/],
    [["--quit-after", "mail", "--raw", "x"], /cannot be combined with --raw/],
    [["--quit-after", "data"], /Allowed choices are ehlo, auth, mail, rcpt/],
  ] as const) {
    const { code, stderr } = await postrider([...server, ...args]);
    assert.match(stderr, says);
    assert.equal(code, 64);
  }
});
