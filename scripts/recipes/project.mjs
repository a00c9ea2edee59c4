// @ts-check
/**
 * One recipe as a project: the files that its page shows, compiled, and the check that runs them.
 *
 * Layer: scripts. Needs the packages built and the frameworks installed.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readFiles } from "../guide/blocks.mjs";
import { commandFile, ROOT } from "../workspace/root.mjs";
import { run, runNode } from "../workspace/run.mjs";

/** Where the frameworks are. */
export const RECIPES_FOLDER = join(ROOT, "recipes");

const PAGES = join(ROOT, "docs", "recipes");
const CHECKS = join(RECIPES_FOLDER, "checks");

/** The build of Next.js on a busy machine takes its time; in ms. */
const TIMEOUT = 420_000;

/** What a page leaves out: a file beside those that it shows. */
const FURTHER = /** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */ ({
  // Next.js writes it otherwise, and another one for each version.
  nextjs: { "next-env.d.ts": '/// <reference types="next" />\n' },
});

/** Options of the compiler beside those of every recipe. */
const COMPILER_OPTIONS = /** @type {Readonly<Record<string, object>>} */ ({
  nestjs: { experimentalDecorators: true, emitDecoratorMetadata: true },
  nextjs: {
    module: "esnext",
    moduleResolution: "bundler",
    jsx: "preserve",
    noEmit: true,
    lib: ["dom", "esnext"],
    allowJs: true,
  },
  "end-to-end-tests": { types: ["node", "cypress"], lib: ["dom", "dom.iterable", "esnext"] },
});

/** @returns {string[]} Names of the pages that show files. */
export function recipeNames() {
  return readdirSync(PAGES)
    .filter((file) => file.endsWith(".md") && readFiles(readFileSync(join(PAGES, file), "utf8")).length > 0)
    .map((file) => file.replace(/\.md$/, ""))
    .sort();
}

/**
 * @param {string} name
 * @returns {Promise<{ problem: string, remark: string }>} The problem is empty when all is well.
 */
export async function tryRecipe(name) {
  const check = join(CHECKS, `${name}.mjs`);
  if (!existsSync(check)) return { problem: `recipes/checks/${name}.mjs is missing`, remark: "" };
  const folder = join(RECIPES_FOLDER, "build", name);
  rmSync(folder, { recursive: true, force: true });
  const files = readFiles(readFileSync(join(PAGES, `${name}.md`), "utf8"));
  const further = Object.entries(FURTHER[name] ?? {}).map(([path, text]) => ({ path, text }));
  for (const { path, text } of [...files, ...further]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  cpSync(check, join(folder, "check.mjs"));
  for (const helper of ["support.mjs", "sink.mjs"]) cpSync(join(CHECKS, helper), join(folder, helper));

  const compiled = await compile(
    name,
    folder,
    files.map(({ path }) => path),
  );
  if (compiled !== "") return { problem: compiled, remark: "" };
  const { code, output } = await run(process.execPath, ["check.mjs"], {
    cwd: folder,
    timeout: TIMEOUT,
    env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "", NODE_PATH: "" },
  });
  if (code !== 0) return { problem: `ended with status ${code}:\n${output}`, remark: "" };
  return { problem: "", remark: output.trim() === "" ? "" : `: ${output.trim().split("\n").at(-1)}` };
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {readonly string[]} paths
 * @returns {Promise<string>} What the compiler says; empty when it says nothing.
 */
async function compile(name, folder, paths) {
  if (!paths.some((path) => /\.tsx?$/.test(path))) return "";
  const config = {
    compilerOptions: {
      ...{
        target: "es2022",
        module: "nodenext",
        lib: ["es2023", "esnext.disposable", "dom"],
        strict: true,
        skipLibCheck: true,
      },
      ...{ jsx: "react-jsx", outDir: "out", rootDir: ".", esModuleInterop: true, types: ["node"] },
      ...COMPILER_OPTIONS[name],
    },
    include: ["**/*.ts", "**/*.tsx"],
    exclude: ["out", "node_modules", ".next"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { code, output } = await runNode(commandFile("typescript", "tsc"), ["-p", folder, "--pretty", "false"]);
  return code === 0 ? "" : `does not compile:\n${output}`;
}
