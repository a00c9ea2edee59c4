// @ts-check
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { raiseFinest } from "../demo/finest.mjs";
import { summary } from "../demo/summary.mjs";
import { inboxModule, libraryModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

/** The summary does not look at it. */
const NO_MESSAGE = /** @type {import("../guide/stage.mjs").InboxMessage} */ (/** @type {unknown} */ ({}));

/**
 * @param {string} page
 * @param {number} number
 * @param {number} rank
 */
function arrival(page, number, rank) {
  const [from, to] = ["ann@example.org", "bob@example.com"];
  return { page, subject: `${page} ${number}`, from, to, size: 300, rank, shown: NO_MESSAGE };
}

test("the summary shows ten messages, those with the most to see first, and a line for each page", () => {
  const pages = ["docs/a.md", "docs/b.md", "examples"].map((page, index) => ({ page, examples: 40, failed: index }));
  const arrivals = Array.from({ length: 400 }, (_, index) =>
    arrival(index % 2 === 0 ? "docs/a.md" : "examples/b.ts", index, index === 77 ? 9 : index % 5),
  );
  const lines = summary(arrivals, pages, 120).split("\n");
  assert.equal(lines.length, 1 + 10 + 1 + 1 + 3);
  assert.match(lines[1] ?? "", /^examples\/b\.ts 77 /);
  assert.match(lines[2] ?? "", /^docs\/a\.md 4 /);
  assert.deepEqual(
    lines.slice(-3).map((line) => line.trim().replace(/ +/g, " ")),
    ["docs/a.md 40 200", "docs/b.md 40 0 1 failed", "examples 40 200 2 failed"],
  );
});

test("the summary fits the terminal, and control characters of a message do not reach it", () => {
  const text = summary([{ ...arrival("docs/a.md", 1, 1), subject: `\x1b[2J${"x".repeat(200)}` }], [], 80);
  for (const line of text.split("\n")) assert.ok([...line].length <= 80, line);
  assert.ok(!text.includes("\x1b"));
});

test("the ten finest messages stand on top of the page, the finest first, and none twice", async (t) => {
  const { startInbox } = await inboxModule();
  const { send } = await libraryModule();
  const inbox = await startInbox({ smtpPort: 0, webPort: 0 });
  t.after(() => inbox.close());
  const subjects = Array.from({ length: 14 }, (_, index) => `message ${index}`);
  for (const subject of subjects) {
    await send({ from: "ann@example.org", to: "bob@example.com", subject, text: "x" }, { port: inbox.smtpPort });
  }
  const arrivals = inbox.messages.map((shown, index) => ({ ...arrival("docs/a.md", index, index % 7), shown }));
  await raiseFinest(arrivals, inbox);
  const newestFirst = inbox.messages.map(({ subject }) => subject).toReversed();
  assert.deepEqual(
    newestFirst.slice(0, 10),
    [6, 13, 5, 12, 4, 11, 3, 10, 2, 9].map((index) => `message ${index}`),
  );
  assert.deepEqual(newestFirst.toSorted(), subjects.toSorted());
});

test("an interrupted demo ends with the status of the signal, and calls no example failed", async () => {
  const child = spawn(process.execPath, [join(ROOT, "scripts", "demo.mjs"), "--exit"], { cwd: ROOT });
  let output = "";
  const keep = (/** @type {Buffer} */ chunk) => {
    output += chunk;
    if (output.includes("0 of ")) child.kill("SIGINT");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 130, output);
  assert.doesNotMatch(output, /failed/);
});
