/**
 * The app of examples/nodemailer-alias, with nodemailer and with this package under its name.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "./support/recording-server.js";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

for (const [name, target] of [
  ["nodemailer", "node_modules/nodemailer"],
  ["this package", "packages/nodemailer"],
] as const) {
  test(`the app of the example sends its mail with ${name}`, async () => {
    await using server = await startServer();
    const folder = mkdtempSync(join(tmpdir(), "postrider-alias-"));
    try {
      cpSync(join(ROOT, "examples", "nodemailer-alias"), folder, { recursive: true });
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(join(ROOT, target), join(folder, "node_modules", "nodemailer"), "junction");
      const env = { ...process.env, SMTP_HOST: "127.0.0.1", SMTP_PORT: String(server.port) };
      const { stdout } = await run(process.execPath, ["app.mjs"], { cwd: folder, env });
      assert.match(stdout, /^sent to bob@example\.com: 250 /);
      assert.match(server.arrived[0]?.raw.toString() ?? "", /^To: Bob <bob@example\.com>\r$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
