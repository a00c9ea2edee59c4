/** On a pseudo-terminal, which `script` of util-linux makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { onLinux } from "./support/system.js";
import { Terminal } from "./support/terminal.js";

test("on a terminal it asks for what is missing, and a password is not shown", onLinux, async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false, auth: { username: "ann", password: "s3cret" } });
  await using terminal = new Terminal(["send", "--server", `smtp://ann@127.0.0.1:${inbox.smtpPort}`]);
  for (const [question, answer] of [
    ["From: ", "ann@example.org"],
    ["To: ", "bob@example.com"],
    ["Subject: ", "Asked"],
    ["single dot)", "typed\r."],
    ["Password of ann at 127.0.0.1: ", "s3cret"],
  ] as const) {
    await terminal.shows(question);
    terminal.type(`${answer}\r`);
  }
  await terminal.shows("accepted");
  assert.equal(await terminal.end(), 0);
  assert.equal(inbox.messages[0]?.subject, "Asked");
  assert.equal(inbox.messages[0]?.text, "typed\n");
  assert.ok(!terminal.screen.includes("s3cret"));
});

test("an answer that will not do is told at once, and asked for again", onLinux, async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  await using terminal = new Terminal(["send", "--subject", "Asked", "--text", "x"]);
  await terminal.shows("From: ");
  terminal.type("ann\r");
  await terminal.shows("--from: ");
  terminal.type("ann@example.org\r");
  await terminal.shows("To: ");
  terminal.type("bob@example.com, cyd\r");
  await terminal.shows("--to: ");
  terminal.type("bob@example.com\r");
  await terminal.shows("Server (smtp://host:port): ");
  terminal.type("http://127.0.0.1\r");
  await terminal.shows("must start with smtp://");
  terminal.type(`127.0.0.1:${inbox.smtpPort}\r`);
  await terminal.shows("accepted");
  assert.equal(await terminal.end(), 0);
});

test("Ctrl-C at a question ends it with 130, and nothing is sent", onLinux, async () => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  await using terminal = new Terminal(["send", "--server", `smtp://127.0.0.1:${inbox.smtpPort}`]);
  await terminal.shows("From: ");
  terminal.type("\x03");
  assert.equal(await terminal.end(), 130);
  assert.equal(inbox.messages.length, 0);
});
