// @ts-check
/**
 * The library from its tarball on workerd, the runtime of Cloudflare Workers: the scenarios at two compatibility dates, the types beside
 * Cloudflare's own, and how large and how quick a worker is.
 *
 * Layer: scripts. Needs the packages and their tests built.
 */

import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPacked, removeProject } from "../testing/packed-project.mjs";
import { commandFile, ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";
import { bundleWorker, newestDate, startWorkerd, workerdBinary } from "./runtime.mjs";
import { SCENARIOS } from "./scenarios.mjs";
import { openStage } from "./stage.mjs";

/** The first date at which workerd has all of Node's modules that the library imports. */
const OLDEST_DATE = "2025-10-01";

/** Bytes of a minified worker that sends, signs and has a pool. */
const MAX_BYTES = 300_000;
/** Milliseconds of work that its start may take beyond that of an empty worker. */
const MAX_DELAY = 40;
/** Starts of each worker; the quickest counts. */
const STARTS = 7;

const EMPTY = 'export default { fetch: () => new Response("ready") };';

/** Programs with Cloudflare's types: its sockets are taken as they are. */
const TYPED = `import { connect } from "cloudflare:sockets";
import { send, SmtpPool } from "postrider";
export const pool = new SmtpPool({ socket: () => connect({ hostname: "smtp.example.com", port: 465 }, { secureTransport: "on", allowHalfOpen: false }) });
export const once = (socket: Socket) => send("x", { socket, sender: "a@example.org", recipients: "b@example.com" });
`;

/**
 * @param {string} modules The node_modules with workerd and its types.
 * @returns {Promise<boolean>} Whether all is well.
 */
export async function testWorkerd(modules) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "postrider-workerd-")));
  const stage = await openStage();
  const program = workerdBinary(modules);
  const { ca } = stage.certificates;
  let isWell = true;
  /** @param {string} name @param {() => unknown} action */
  const attempt = async (name, action) => {
    try {
      const figure = await action();
      console.log(`  ok    ${name}${figure === undefined ? "" : `: ${figure}`}`);
    } catch (error) {
      isWell = false;
      console.log(`  FAIL  ${name}\n${error instanceof Error ? error.stack : error}`);
    }
  };
  try {
    await installPacked(folder, ["postrider"], ["--offline"]);
    const code = await bundleWorker(join(ROOT, "scripts/workerd/worker.mjs"), folder);
    for (const compatibilityDate of [OLDEST_DATE, newestDate(modules)]) {
      console.log(`workerd, compatibility date ${compatibilityDate}, nodejs_compat`);
      const worker = await startWorkerd(program, folder, { code, compatibilityDate, ca, hasBox: true });
      try {
        const ask = asking(worker.url);
        for (const [name, scenario] of SCENARIOS) await attempt(name, () => scenario({ stage, ask }));
      } finally {
        await worker.stop();
      }
    }
    const small = await bundleWorker(join(ROOT, "scripts/workerd/small-worker.mjs"), folder);
    await attempt(`a worker has at most ${MAX_BYTES} bytes, minified`, () =>
      within(Buffer.byteLength(small), MAX_BYTES),
    );
    await attempt(`it starts within ${MAX_DELAY} ms of an empty one`, async () =>
      within(await delayOf(small, { program, folder, compatibilityDate: newestDate(modules), ca }), MAX_DELAY),
    );
    await attempt("its types are those of Cloudflare", () => compile(folder, modules));
  } finally {
    await stage.close();
    removeProject(folder);
  }
  return isWell;
}

/** @param {string} url @returns {import("./scenarios.mjs").Tools["ask"]} */
const asking = (url) => async (action, given) => {
  const response = await fetch(`${url}/${action}`, { method: "POST", body: JSON.stringify(given) });
  const text = await response.text();
  return response.ok ? JSON.parse(text) : { error: { name: "HTTP", message: `${response.status} ${text}` } };
};

/** @param {number} figure @param {number} limit */
function within(figure, limit) {
  if (!(figure <= limit)) throw new Error(`it is ${figure}`);
  return figure;
}

/**
 * @param {string} code
 * @param {{ program: string, folder: string, compatibilityDate: string, ca: string }} settings
 * @returns {Promise<number>} Milliseconds.
 */
async function delayOf(code, { program, folder, ...settings }) {
  const quickest = { [EMPTY]: Number.POSITIVE_INFINITY, [code]: Number.POSITIVE_INFINITY };
  for (let round = 0; round < STARTS; round += 1) {
    for (const one of [EMPTY, code]) {
      const worker = await startWorkerd(program, folder, { ...settings, code: one });
      await worker.stop();
      quickest[one] = Math.min(quickest[one] ?? 0, worker.startTime);
    }
  }
  return Math.round((quickest[code] ?? 0) - (quickest[EMPTY] ?? 0));
}

/** @param {string} folder @param {string} modules */
async function compile(folder, modules) {
  writeFileSync(join(folder, "typed.ts"), TYPED);
  const types = [join(modules, "@cloudflare/workers-types/index.d.ts"), join(ROOT, "node_modules/@types/node")];
  const options = { module: "esnext", moduleResolution: "bundler", target: "es2024", strict: true, noEmit: true };
  const compilerOptions = { ...options, skipLibCheck: true, lib: ["es2024", "esnext.disposable"], types };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
  const { code, output } = await runNode(commandFile("typescript", "tsc"), ["-p", folder]);
  if (code !== 0) throw new Error(output);
}
