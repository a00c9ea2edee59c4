import assert from "node:assert/strict";
import { test } from "node:test";
import { postrider } from "./support/command.js";

const COMMANDS = ["send", "bulk", "check", "inbox", "bench", "profile", "completion"];

test("--version and --help go to stdout and end with 0; without a command the help is on stderr, with 64", async () => {
  assert.match((await postrider(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  const help = await postrider(["--help"]);
  assert.equal(help.code, 0);
  for (const name of [...COMMANDS, "dkim"]) assert.match(help.stdout, new RegExp(`^ {2}${name}\\b`, "m"));
  const none = await postrider([]);
  assert.equal(none.code, 64);
  assert.equal(none.stdout, "");
  assert.match(none.stderr, /^Usage: postrider/);
});

for (const name of COMMANDS) {
  test(`postrider ${name} --help has examples`, async () => {
    const { code, stdout } = await postrider([name, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`\\nExamples:\\n.*postrider.* ${name}`));
  });
}

test("a command that is misspelt is an error with the one that was meant", async () => {
  const { code, stderr } = await postrider(["snd"]);
  assert.equal(code, 64);
  assert.match(stderr, /Did you mean send\?/);
});

test("the help of a command that does not exist is an error, and not the help of all", async () => {
  const { code, stdout, stderr } = await postrider(["help", "snd"]);
  assert.equal(code, 64);
  assert.equal(stdout, "");
  assert.match(stderr, /^postrider: there is no command snd; there are send, bulk, /);
  assert.match((await postrider(["help", "send"])).stdout, /^Usage: postrider send/);
});
