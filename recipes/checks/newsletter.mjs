import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { startSink } from "./sink.mjs";
import { endWith } from "./support.mjs";

const COUNT = 50_000;
writeFileSync(
  "subscribers.csv",
  Array.from({ length: COUNT }, (_, index) => `user${index}@example.com,t${index}\n`).join(""),
);
rmSync("june.journal", { force: true });
const sink = await startSink();
const env = { ...process.env, SMTP_URL: `smtp://127.0.0.1:${sink.port}` };

/** Runs the program; kills it once so many messages have arrived. */
async function run(killAt) {
  const child = spawn(process.execPath, ["out/newsletter.js"], { env, stdio: ["ignore", "pipe", "inherit"] });
  endWith(child);
  let printed = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  const ended = once(child, "exit");
  if (killAt !== undefined) await sink.reached(killAt);
  if (killAt !== undefined) child.kill("SIGKILL");
  const [code, signal] = await ended;
  return { code, signal, printed };
}

assert.equal((await run(20_000)).signal, "SIGKILL");
const { code, printed } = await run();
assert.equal(code, 0);
assert.match(printed, /^\d+ sent, 0 failed; \d+ settled before/m);
assert.equal(sink.recipients.size, COUNT);
const again = sink.messages - COUNT;
// Five connections, each with a full window.
assert.ok(again >= 0 && again <= 5 * 64, `${again} were sent twice`);
assert.equal(readFileSync("june.journal", "utf8").trimEnd().split("\n").length, COUNT);
console.log(`${COUNT} subscribers, killed at 20 000: nobody left out, ${again} sent twice`);
await sink.close();
