/** `node long-run.js MESSAGES [SEED]`: a soak of any length, with a line of progress a second and the report at the end. */
import { soak } from "./soak.js";

const [messages = "100000", seed = String(Date.now() | 0)] = process.argv.slice(2);

async function main(): Promise<void> {
  const count = Number(messages);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${messages} is no number of messages`);
  console.log(`${count.toLocaleString("en")} messages, seed ${seed}`);
  let next = performance.now() + 1000;
  const report = await soak(count, Number(seed), (settled) => {
    if (performance.now() < next) return;
    next = performance.now() + 1000;
    console.log(`${settled.toLocaleString("en")} settled`);
  });
  const { problems, ...figures } = report;
  console.table(figures);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
