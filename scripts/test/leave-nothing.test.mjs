import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LEAVE_NOTHING } from "../testing/leave-nothing.mjs";
import { run } from "../workspace/run.mjs";

/**
 * Runs this as a test file.
 * @param {string} body
 */
async function outcome(body) {
  const folder = mkdtempSync(join(tmpdir(), "postrider-leave-"));
  try {
    const file = join(folder, "some.test.mjs");
    writeFileSync(file, `import { test } from "node:test";\nimport { createServer } from "node:net";\n${body}\n`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return await run(process.execPath, ["--import", LEAVE_NOTHING, "--test", file], {
      env: { ...env, LEAVE_GRACE_MS: "50" },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a file that leaves a server open fails, whether its tests have passed or not, and says what is open", async () => {
  for (const body of [
    'test("leaks", () => { createServer().listen(0); });',
    'test("fails", () => { createServer().listen(0); throw new Error("halfway"); });',
  ]) {
    const { code, output } = await outcome(body);
    assert.equal(code, 1);
    assert.match(output, /some\.test\.mjs: 0\.05 s after its last test something is open: .*TCPServerWrap/);
  }
});

test("a file that leaves nothing open passes", async () => {
  const { code, output } = await outcome(
    'test("closes", (t) => { const s = createServer().listen(0); t.after(() => s.close()); });',
  );
  assert.equal(code, 0, output);
});
