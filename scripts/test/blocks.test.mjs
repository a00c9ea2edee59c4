// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleText, readBlocks } from "../guide/blocks.mjs";

const page = (/** @type {string[]} */ ...lines) => lines.join("\n");

test("every ts block is found, with its heading, number and line", () => {
  const blocks = readBlocks(
    "docs/guide/a.md",
    page("# Title", "```ts", "one();", "```", "## Part", "```sh", "npm i", "```", "text", "```ts", "two();", "```"),
  );
  assert.deepEqual(
    blocks.map(({ heading, number, fences }) => ({ heading, number, fences })),
    [
      { heading: "Title", number: 1, fences: [{ line: 3, code: "one();" }] },
      { heading: "Part", number: 2, fences: [{ line: 11, code: "two();" }] },
    ],
  );
});

test("a block that continues begins with all that it continues", () => {
  const [, second, third] = readBlocks(
    "a.md",
    page("```ts", "a();", "```", "```ts continue", "b();", "```", "```ts continue", "c();", "```"),
  );
  assert.deepEqual(
    second?.fences.map(({ code }) => code),
    ["a();", "b();"],
  );
  assert.deepEqual(
    third?.fences.map(({ code }) => code),
    ["a();", "b();", "c();"],
  );
});

test("lines keep the numbers that they have on the page", () => {
  const markdown = page("# T", "```ts", "a();", "b();", "```", "text", "```ts continue", "c();", "```");
  const lines = moduleText(readBlocks("a.md", markdown)[1] ?? assert.fail()).split("\n");
  assert.equal(lines[2], "a();");
  assert.equal(lines[3], "b();");
  assert.equal(lines[7], "c();");
});

test("a block in a list loses the list's indent and keeps its own", () => {
  const [block] = readBlocks("a.md", page("- item", "", "  ```ts", "  if (a) {", "    b();", "", "  }", "  ```"));
  assert.equal(block?.fences[0]?.code, "if (a) {\n  b();\n\n}");
});

test("a fence inside a longer fence is text", () => {
  assert.deepEqual(readBlocks("a.md", page("````md", "```ts", "no();", "```", "````")), []);
});

test("headings inside code are code", () => {
  const [, second] = readBlocks(
    "a.md",
    page("# Real", "```ts", "a();", "```", "```sh", "# comment", "```", "```ts", "b();", "```"),
  );
  assert.equal(second?.heading, "Real");
});

test("what cannot run is an error that names page and line", () => {
  assert.throws(() => readBlocks("a.md", page("", "```ts no-run", "```")), /^Error: a\.md:2: "ts no-run" is not known/);
  assert.throws(() => readBlocks("a.md", page("```ts continue", "```")), /^Error: a\.md:1: there is no block before/);
  assert.throws(() => readBlocks("a.md", page("```typescript", "```")), /^Error: a\.md:1: write ```ts/);
  assert.throws(() => readBlocks("a.md", page("```ts", "a();")), /^Error: a\.md:1: this code block has no end/);
});

test("a worker of Cloudflare's is marked as one", () => {
  const [program, worker] = readBlocks("a.md", page("```ts", "a();", "```", "```ts worker", "b();", "```"));
  assert.deepEqual([program?.isWorker, worker?.isWorker, worker?.fences.length], [undefined, true, 1]);
});
