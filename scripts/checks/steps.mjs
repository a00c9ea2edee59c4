// @ts-check
/**
 * The steps of `npm run check`, in the order in which they are cheap. Each says what is wrong, or nothing.
 *
 * Layer: scripts. Needs everything built.
 */

import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fastest, IMPORT_BUDGET, isOverBudget, measureImport, overBase } from "../../bench/import.mjs";
import { PROVIDERS, providersPage } from "../docs/providers.mjs";
import { OUTBOX_STATES, outboxStatesPage, STATE_MACHINE, stateMachinePage } from "../docs/state-machine.mjs";
import { guideBlocks } from "../guide/pages.mjs";
import { preparePrograms } from "../guide/prepare.mjs";
import { checkLayers, publicApiProblems } from "../layers.mjs";
import { TOOLS, tryTool } from "../testing/tools.mjs";
import { commandFile, entriesOf, packages, ROOT } from "../workspace/root.mjs";
import { runNode } from "../workspace/run.mjs";
import { checkManifest, checkTypes, contentProblem, dependencyProblem, pack } from "./packed.mjs";
import { readSurface } from "./public-surface.mjs";

/**
 * @typedef {object} Verdict
 * @property {string} problem Empty when all is well.
 * @property {string} [remark] A few words for the line of the step.
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Verdict>} run
 */

/** Its members are those of nodemailer, whose manual describes them; docs/nodemailer-drop-in.md has what differs. */
const DROP_IN = "@postrider/nodemailer";

/** The library itself; the other packages may be bigger, and depend on others. */
const LIBRARY = "postrider";

/** @returns {Step[]} */
export function steps() {
  const all = packages();
  const projects = [
    ...all.flatMap(({ folder }) =>
      ["tsconfig.json", "tsconfig.test.json", "page/tsconfig.json", "tsconfig.browser.json"].map((config) =>
        join(folder, config),
      ),
    ),
    join(ROOT, "scripts", "tsconfig.json"),
  ].filter((config) => existsSync(config));
  return [
    { name: "format and lint", run: lint },
    { name: "layers", run: layers },
    ...projects.map((config) => ({ name: `types of ${relative(ROOT, config)}`, run: () => types(config) })),
    { name: "types of the guide", run: guideTypes },
    { name: "generated pages", run: generatedPages },
    ...all
      .filter(({ name }) => name !== DROP_IN)
      .flatMap(({ name, folder, manifest }) =>
        entriesOf(manifest).map((entry) => ({
          name: entry === "index" ? name : `${name}/${entry.replace(/\/index$/, "")}`,
          entry: join(folder, "dist", "types", `${entry}.d.ts`),
        })),
      )
      .map(({ name, entry }) => ({ name: `public surface of ${name}`, run: async () => publicSurface(entry) })),
    { name: "unused files, exports and dependencies", run: unused },
    ...all.map((one) => ({ name: `package ${one.name}`, run: () => packed(one) })),
    // esbuild, rolldown and Vite are dependencies of the workspace: scripts/test/packed.test.mjs has them.
    ...TOOLS.filter(({ bundles }) => bundles.length > 0).map((tool) => ({
      name: `bundle by ${tool.name}`,
      run: async () => ({ problem: await tryTool(tool).catch(String) }),
    })),
    { name: "cost of the import", run: importCost },
  ];
}

/** @returns {Promise<Verdict>} */
async function lint() {
  // Biome's command finds the binary of this system by itself.
  return verdict(
    await runNode(commandFile("@biomejs/biome", "biome"), ["ci", "--colors=off", "--error-on-warnings", "."]),
  );
}

/** @returns {Promise<Verdict>} */
async function layers() {
  const { files, problems, remarks } = checkLayers();
  return {
    problem: [...problems, ...publicApiProblems()].join("\n"),
    remark: `${files} files, ${remarks.length} of them long`,
  };
}

/**
 * @param {string} config
 * @returns {Promise<Verdict>}
 */
async function types(config) {
  return verdict(await runNode(commandFile("typescript", "tsc"), ["-p", config, "--noEmit", "--pretty", "false"]));
}

/** @returns {Promise<Verdict>} */
async function guideTypes() {
  const prepared = await preparePrograms(guideBlocks());
  prepared.remove();
  return { problem: prepared.typeErrors, remark: `${prepared.programs.length} blocks` };
}

/** @returns {Promise<Verdict>} */
async function generatedPages() {
  const pages = [
    { path: STATE_MACHINE, text: await stateMachinePage() },
    { path: OUTBOX_STATES, text: await outboxStatesPage() },
    { path: PROVIDERS, text: await providersPage() },
  ];
  const stale = pages.filter(({ path, text }) => {
    const file = join(ROOT, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  return { problem: stale.map(({ path }) => `${path} is stale; npm run docs writes it`).join("\n") };
}

/**
 * Every public member has a docstring, and every type of a public signature can be imported.
 * @param {string} entry
 * @returns {Verdict}
 */
function publicSurface(entry) {
  const { undocumented, unnamed, members } = readSurface(entry);
  const problems = [
    ...undocumented.map((name) => `${name} has no docstring`),
    ...unnamed.map((name) => `not exported: ${name}`),
  ];
  return { problem: problems.join("\n"), remark: `${members} members` };
}

/** @returns {Promise<Verdict>} */
async function unused() {
  return verdict(await runNode(commandFile("knip"), ["--no-progress", "--treat-config-hints-as-errors"]));
}

/**
 * @param {import("../workspace/root.mjs").Package} one
 * @returns {Promise<Verdict>}
 */
async function packed(one) {
  const tarball = await pack(one);
  const [manifest, typesOfIt] = await Promise.all([checkManifest(tarball), checkTypes(tarball)]);
  const problems = [verdict(manifest).problem, verdict(typesOfIt).problem];
  if (one.name === LIBRARY) problems.push(dependencyProblem(one), contentProblem(one, tarball));
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  const remark = `${tarball.files.length} files, ${kilobytes(tarball.size)}, ${kilobytes(tarball.unpackedSize)} unpacked`;
  return { problem: problems.filter((problem) => problem !== "").join("\n"), remark };
}

/** @returns {Promise<Verdict>} Measured again, up to three times, before it says no: what else the machine does only ever adds. */
async function importCost() {
  let cost = measureImport();
  for (let again = 0; again < 3 && isOverBudget(cost); again += 1) cost = fastest(cost, measureImport());
  const { time, processor } = overBase(cost);
  const remark = `${time.toFixed(1)} ms over node:tls (processor: ${processor.toFixed(1)} ms), budget ${IMPORT_BUDGET} ms`;
  return { problem: isOverBudget(cost) ? `${remark}; npm run bench -- import` : "", remark };
}

/**
 * @param {{ code: number, output: string }} finished
 * @returns {Verdict}
 */
function verdict({ code, output }) {
  return { problem: code === 0 ? "" : output.trim() === "" ? `ended with status ${code}` : output };
}
