/** What the page of the guide says can be typed, can be typed; and every option that matters is on it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readModels } from "../src/completion/model.js";
import { EXIT } from "../src/exit-code.js";
import { createProgram } from "../src/program.js";

const PAGE = readFileSync(new URL("../../../../docs/guide/20-command-line.md", import.meta.url), "utf8");
const MODELS = readModels(createProgram({ finish: () => undefined }));

test("every command line on the page is one that is understood", () => {
  const blocks = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  const lines = blocks.flatMap((code) => code.split("\n")).flatMap((line) => /\bpostrider .*$/.exec(line)?.[0] ?? []);
  assert.ok(lines.length >= 15);
  for (const line of lines) {
    const words = line
      .replace(/"[^"]*"/g, "x")
      .split(/[ <>()|]+/)
      .slice(1);
    const model = MODELS.filter(({ path }) => path.every((name, index) => words[index] === name)).at(-1);
    assert.ok(model !== undefined && model.path.length > 0, line);
    const known = model.options.flatMap(({ flags }) => flags);
    for (const word of words) if (/^--?[a-z]/.test(word)) assert.ok(known.includes(word), `${word} in: ${line}`);
  }
});

test("every exit code is on the page, and no other", () => {
  const told = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(told.sort(), Object.values(EXIT).map(Number).sort());
});

test("every command and every option that is named in the text exists", () => {
  for (const { path } of MODELS.slice(1)) assert.ok(PAGE.includes(`postrider ${path.join(" ")}`), path.join(" "));
  const known = new Set(MODELS.flatMap(({ options }) => options.flatMap(({ flags }) => flags)));
  for (const [, option = ""] of PAGE.matchAll(/`(--[a-z-]+)`/g)) assert.ok(known.has(option), option);
});
