/**
 * The promise of the journal: killed at any moment and run again, nobody gets a second copy except where the outcome was unknown.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finished, folder, start } from "../support/command.js";
import { ScriptedServer } from "../support/scripted-server.js";

const ROWS = 60;
const KILLS = 8;

/** The same moments every time; POSTRIDER_SEED looks elsewhere. */
function moments(): () => number {
  let state = Number(process.env["POSTRIDER_SEED"] ?? 20_261_122) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("killed at random moments and run again, everybody gets one copy, or is listed as unknown", async (t) => {
  const random = moments();
  let countdown = Number.POSITIVE_INFINITY;
  let kill: () => void = () => undefined;
  const server = await ScriptedServer.start(t, {
    extensions: ["PIPELINING"],
    // Before the answer, so that the kill meets every state a message can be in; the end of its content more often than chance.
    answer: (line) => {
      countdown -= line === "." ? 3 : 1;
      if (countdown <= 0) kill();
      return undefined;
    },
  });
  const cwd = folder(t);
  const emails = Array.from({ length: ROWS }, (_, index) => `u${index}@example.com`);
  writeFileSync(join(cwd, "people.csv"), `email\n${emails.join("\n")}\n`);
  writeFileSync(join(cwd, "m.html"), "---\nFrom: a@example.org\nSubject: x\n---\nx");
  const args = [
    "bulk",
    "people.csv",
    "--template",
    "m.html",
    "-s",
    server.url,
    "--journal",
    "j",
    "--connections",
    "2",
    "--json",
  ];

  let kills = 0;
  const run = async (more: readonly string[], mayKill: boolean) => {
    const child = start([...args, ...more], { cwd });
    kill = () => child.kill("SIGKILL");
    countdown = mayKill ? 4 + Math.floor(random() * 60) : Number.POSITIVE_INFINITY;
    const done = await finished(child);
    if (done.signal === "SIGKILL") kills += 1;
    return done;
  };

  for (let round = 0; round < KILLS; round += 1) {
    const { code, signal, stderr } = await run([], true);
    if (signal === null) assert.ok(code === 0 || code === 74, `code ${code}: ${stderr}`);
  }
  const { stdout } = await run([], false);
  const report = JSON.parse(stdout);
  assert.ok(kills >= 4, `only ${kills} kills`);
  const copies = (): number[] =>
    emails.map((email) => server.messages.filter(({ recipients }) => recipients.includes(email)).length);
  assert.ok(
    copies().every((count) => count <= 1),
    "nobody gets a second copy",
  );
  const unknown = new Set(report.problems.map(({ line }: { line: number }) => line - 2));
  assert.equal(report.accepted + unknown.size, ROWS);
  for (const [index, count] of copies().entries()) assert.ok(count === 1 || unknown.has(index), `row ${index} is lost`);

  const last = await run(["--resend-unknown"], false);
  assert.equal(last.code, 0);
  for (const [index, count] of copies().entries()) assert.ok(count === 1 || (count === 2 && unknown.has(index)));
});
