import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { OWN_COVERAGE } from "../testing/own-coverage.mjs";
import { run } from "../workspace/run.mjs";

test("a test file counts its lines, the programs that it starts do not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-coverage-"));
  try {
    const file = join(folder, "some.test.mjs");
    writeFileSync(
      file,
      'import { execFileSync } from "node:child_process";\nimport { test } from "node:test";\n' +
        'test("starts programs", () => { for (let n = 0; n < 3; n += 1) execFileSync(process.execPath, ["-e", "0"]); });\n',
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const counted = join(folder, "counted");
    const { code, output } = await run(process.execPath, ["--import", OWN_COVERAGE, "--test", file], {
      env: { ...env, NODE_V8_COVERAGE: counted },
    });
    assert.equal(code, 0, output);
    assert.equal(readdirSync(counted).length, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
