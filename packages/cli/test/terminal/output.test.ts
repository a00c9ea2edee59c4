import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { paint, render } from "../../src/terminal/output.js";
import { folder, postrider } from "../support/command.js";
import { onLinux } from "../support/system.js";
import { Terminal } from "../support/terminal.js";

const TERMINAL = { isTTY: true } as NodeJS.WriteStream;
const PIPE = { isTTY: false } as NodeJS.WriteStream;

/** What a terminal obeys, or shows in another order. */
const OBEYED = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const HOSTILE = ["\x1b[2J", "\x1b[31mred", "\r", "\n", "\x9b1m", "\u202etxt.exe", "\u2066a\u2069", "\u200f", "\u2028"];

test("a line is printable whatever its pieces hold; the colour of a piece is the only thing that is obeyed", () => {
  for (const text of HOSTILE) {
    for (const stream of [PIPE, TERMINAL]) {
      assert.doesNotMatch(render(["a", text], stream), OBEYED);
      assert.doesNotMatch(render(text, stream), OBEYED);
    }
    assert.doesNotMatch(render([paint("red", text)], PIPE), OBEYED);
    const coloured = render([paint("red", text)], TERMINAL);
    assert.ok(coloured.startsWith("\x1b[31m") && coloured.endsWith("\x1b[39m"));
    assert.doesNotMatch(coloured.slice(5, -5), OBEYED);
  }
});

const NAME = "a\u202egpj.\x1b[2J";

const CASES: readonly (readonly [what: string, args: readonly string[]])[] = [
  ["a file that is not there, with its stack", ["bulk", NAME, "--template", "t.md", "--debug"]],
  ["a template that is not there", ["bulk", "d.csv", "--template", NAME]],
  ["an option that does not exist", ["send", `--${NAME}`]],
  ["an argument too many", ["check", "a", NAME]],
  [
    "an address, with its stack",
    ["send", "-f", "a@b.c", "--to", `${NAME}@x`, "-S", "x", "--text", "x", "-s", "127.0.0.1:1", "--debug"],
  ],
  ["a server's name", ["check", `smtp://${encodeURIComponent(NAME)}/`]],
  ["a profile's name", ["send", "--profile", NAME, "--to", "a@b.c", "-S", "x", "--text", "x", "--json"]],
];

for (const [what, args] of CASES) {
  test(`${what}: what is said of it is printable`, async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "d.csv"), "email\na@b.c\n");
    const { stdout, stderr, code } = await postrider(args, { cwd });
    assert.notEqual(code, 0);
    for (const line of `${stdout}\n${stderr}`.split("\n")) assert.doesNotMatch(line, OBEYED);
  });
}

test("a dry run is byte for byte in a pipe, and printable on a terminal", onLinux, async () => {
  const args = ["send", "-f", "a@b.c", "--to", "b@b.c", "-S", "x", "--text", "one \x1b[2J\u202e two", "--dry-run"];
  const { stdout } = await postrider(args);
  const { default: PostalMime } = await import("postal-mime");
  assert.equal((await PostalMime.parse(stdout)).text?.trim(), "one \x1b[2J\u202e two");
  await using terminal = new Terminal(args);
  assert.equal(await terminal.end(), 0);
  assert.doesNotMatch(terminal.screen.replaceAll(/\r?\n/g, ""), OBEYED);
});
