/**
 * Programs that are typed against nodemailer's declarations compile with this package in its place.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const COMPILER = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));
const SHARED = [
  "--ignoreConfig",
  "--noEmit",
  "--strict",
  "--esModuleInterop",
  "--target",
  "es2023",
  "--types",
  "node",
  "--pretty",
  "false",
];

const WAYS = [
  { name: "node16, as an ES module", file: "program.ts", type: "module", flags: ["--module", "nodenext"] },
  { name: "node16, as CommonJS", file: "program.ts", type: "commonjs", flags: ["--module", "nodenext"] },
  {
    name: "a bundler",
    file: "program.ts",
    type: "module",
    flags: ["--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck", "false"],
  },
];

test("programs typed against nodemailer compile", { concurrency: true }, async (t) => {
  for (const { name, file, type, flags } of WAYS) {
    await t.test(`by the resolution of ${name}`, () => {
      // Below the package, so that the types of Node are found.
      const folder = mkdtempSync(join(PACKAGE, "build", "types-"));
      try {
        mkdirSync(join(folder, "node_modules"));
        symlinkSync(PACKAGE, join(folder, "node_modules", "nodemailer"), "junction");
        writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type }));
        cpSync(join(PACKAGE, "test", "types", "program.ts"), join(folder, file));
        const { status, stdout } = spawnSync(process.execPath, [COMPILER, ...SHARED, ...flags, file], {
          cwd: folder,
          encoding: "utf8",
        });
        assert.equal(stdout, "");
        assert.equal(status, 0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
