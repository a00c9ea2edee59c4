/**
 * Another copy of the library, as two packages of one program may each have their own.
 */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Imports a module from a copy of the built sources; the copy is removed at the end of the test.
 * @param module its path below src/, such as `"errors/base.js"`
 */
export async function fromOtherCopy(t: TestContext, module: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-copy-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(fileURLToPath(new URL("../../src", import.meta.url)), join(folder, "src"), { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return import(pathToFileURL(join(folder, "src", module)).href);
}
