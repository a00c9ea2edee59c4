/** The script for bash runs in bash; those for zsh and fish, which are seldom installed, are looked at. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder, postrider } from "./support/command.js";
import { onPosix } from "./support/system.js";

const COMMANDS = ["send", "bulk", "check", "inbox", "outbox", "bench", "dkim", "profile", "oauth", "completion"];

test("bash completes commands, options, values and files", onPosix, async (t) => {
  const { code, stdout: script } = await postrider(["completion", "bash"]);
  assert.equal(code, 0);
  const cwd = folder(t);
  writeFileSync(join(cwd, "people.csv"), "");
  const complete = (...words: string[]): string[] => {
    const list = ["postrider", ...words].map((word) => `'${word}'`).join(" ");
    const program = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length}; _postrider; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const done = spawnSync("bash", ["--norc", "-c", program], { cwd, encoding: "utf8" });
    assert.equal(done.stderr, "");
    return done.stdout.split("\n").filter((line) => line !== "");
  };
  assert.deepEqual(complete("").sort(), [...COMMANDS].sort());
  assert.deepEqual(complete("b").sort(), ["bench", "bulk"]);
  assert.deepEqual(complete("send", "--te"), ["--text", "--text-file"]);
  assert.deepEqual(complete("send", "--to", "a@b.c", "--jso"), ["--json"]);
  assert.deepEqual(complete("dkim", ""), ["keygen"]);
  assert.deepEqual(complete("dkim", "keygen", "--algorithm", "").sort(), ["ed25519", "rsa"]);
  assert.deepEqual(complete("bulk", "peo"), ["people.csv"]);
  assert.deepEqual(complete("bulk", "people.csv", "--template", ""), ["people.csv"]);
  assert.deepEqual(complete("send", "--from", ""), []);
  assert.ok(complete("--").includes("--version"));
});

for (const shell of ["zsh", "fish"]) {
  test(`the script for ${shell} knows every command and option`, async () => {
    const { code, stdout, stderr } = await postrider(["completion", shell]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const name of [...COMMANDS, "keygen", "resend-unknown", "recipients-from-headers", "selector"]) {
      assert.ok(stdout.includes(name), name);
    }
    // Every quote that is opened is closed.
    const bare = stdout.replaceAll(shell === "zsh" ? "'\\''" : /\\['\\]/g, "");
    for (const line of bare.split("\n").filter((one) => !one.startsWith("#"))) {
      assert.equal(line.split("'").length % 2, 1, line);
    }
  });
}

test("a shell that is unknown is an error", async () => {
  const { code, stderr } = await postrider(["completion", "tcsh"]);
  assert.equal(code, 64);
  assert.match(stderr, /bash, zsh, fish/);
});
