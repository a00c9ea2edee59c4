// @ts-check
/**
 * What `import "postrider"` costs over `import "node:tls"`, which every SMTP client pays. Each import is timed in a process of
 * its own, turn about, and the fastest run of each counts: what else runs on the machine only ever adds.
 *
 * Run: npm run bench -- import
 */

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The budget, in ms. */
export const IMPORT_BUDGET = 15;

const ROUNDS = 15;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** @returns {{ base: number, library: number, difference: number }} In ms. */
export function measureImport() {
  /** @type {number[]} */
  const base = [];
  /** @type {number[]} */
  const library = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    base.push(timeImport("node:tls"));
    library.push(timeImport("postrider"));
  }
  const fastest = { base: Math.min(...base), library: Math.min(...library) };
  return { ...fastest, difference: fastest.library - fastest.base };
}

/**
 * @param {string} specifier
 * @returns {number} ms
 */
function timeImport(specifier) {
  const program = `const start = performance.now(); await import("${specifier}"); console.log(performance.now() - start);`;
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, encoding: "utf8" }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { base, library, difference } = measureImport();
  console.log(`import "node:tls"   ${base.toFixed(1)} ms`);
  console.log(`import "postrider"  ${library.toFixed(1)} ms`);
  console.log(`difference          ${difference.toFixed(1)} ms (budget: ${IMPORT_BUDGET} ms)`);
}
