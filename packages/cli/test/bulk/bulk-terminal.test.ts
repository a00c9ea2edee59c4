/** On a pseudo-terminal, which `script` of util-linux makes. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder } from "../support/command.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { onLinux } from "../support/system.js";
import { Terminal } from "../support/terminal.js";

const ARGS = ["bulk", "people.csv", "--template", "m.html", "--journal", "j", "--connections", "1", "--server"];

function files(cwd: string, rows: number): void {
  const emails = Array.from({ length: rows }, (_, index) => `u${index}@example.com`);
  writeFileSync(join(cwd, "people.csv"), `email\n${emails.join("\n")}\n`);
  writeFileSync(join(cwd, "m.html"), "---\nFrom: a@example.org\nSubject: x\n---\nx");
}

test(
  "a bar shows how far it is, with rate, time left and counts, in one line that is drawn again",
  onLinux,
  async (t) => {
    const cwd = folder(t);
    files(cwd, 20);
    const gate = deferred();
    const server = await ScriptedServer.start(t, {
      answer: async (line) => {
        if (server.messages.length === 10) await gate.promise;
        return line.includes("<u3@") ? "550 nobody" : undefined;
      },
    });
    await using terminal = new Terminal([...ARGS, server.url], { cwd });
    await terminal.shows(/11\/20 {2}[\d.]+\/s {2}ETA \d+:\d\d {2}accepted 10 {2}refused 1 {2}failed 0/);
    await terminal.shows(/\r\[.*=+.* +\] 11\/20/);
    await terminal.shows(/line 5: refused: .*550 nobody/);
    gate.resolve();
    await terminal.shows(/20\/20 .*accepted 19/);
    assert.equal(await terminal.end(), 69);
  },
);

test("Ctrl-C finishes what was begun and ends with 130; nothing is unknown", onLinux, async (t) => {
  const cwd = folder(t);
  files(cwd, 50);
  const gate = deferred();
  const server = await ScriptedServer.start(t, {
    answer: async () => {
      if (server.messages.length === 5) await gate.promise;
      return undefined;
    },
  });
  await using terminal = new Terminal([...ARGS, server.url], { cwd });
  await terminal.shows("5/50");
  terminal.type("\x03");
  await terminal.shows("Stopping after the messages in progress");
  gate.resolve();
  assert.equal(await terminal.end(), 130);
  const entries = readFileSync(join(cwd, "j"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));
  const begun = entries.filter(({ is }) => is === "sending").length;
  assert.ok(begun < 50);
  assert.equal(entries.filter(({ is }) => is === "accepted").length, begun);
  assert.equal(server.messages.length, begun);
});

test("Ctrl-C twice ends it at once; what was on the way is unknown, and listed", onLinux, async (t) => {
  const cwd = folder(t);
  files(cwd, 50);
  const server = await ScriptedServer.start(t, {
    answer: (line) => (line === "." && server.messages.length === 5 ? new Promise(() => undefined) : undefined),
  });
  await using terminal = new Terminal([...ARGS, server.url], { cwd });
  await terminal.shows("5/50");
  terminal.type("\x03");
  await terminal.shows("Stopping");
  terminal.type("\x03");
  assert.equal(await terminal.end(), 130);
  assert.match(terminal.screen, /unknown .*1 .*may have been delivered or not/);
  assert.match(terminal.screen, /line 7 {2}unknown/);
});

test("--dry-run stays while the mails are looked at, until Ctrl-C", onLinux, async (t) => {
  const cwd = folder(t);
  files(cwd, 20);
  const args = ["bulk", "people.csv", "--template", "m.html", "--dry-run", "--inbox-port", "0", "--rows", "2"];
  await using terminal = new Terminal(args, { cwd });
  await terminal.shows("2 of 20 rows sent to the inbox of this machine, and to nobody else");
  await terminal.shows(/Look at http:\/\/127\.0\.0\.1:\d+/);
  terminal.type("\x03");
  assert.equal(await terminal.end(), 0);
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
