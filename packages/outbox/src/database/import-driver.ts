/**
 * Loads a driver, which is an optional peer: beside the outbox, or else where the program runs.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What the package exports; undefined when it is not installed. */
export async function importDriver<Exported>(name: string): Promise<Exported | undefined> {
  for (const find of [() => name, () => inWorkingFolder(name)]) {
    try {
      // A bundler that sees the name would look for the package when the program is built.
      const module: { default?: Exported } = await import(/* webpackIgnore: true */ /* @vite-ignore */ find());
      return module.default ?? (module as Exported);
    } catch {
      // Not there, or not for this machine: the next place, the next driver.
    }
  }
  return undefined;
}

/** For a command that is installed for the whole machine, and a driver that belongs to the project. */
function inWorkingFolder(name: string): string {
  return pathToFileURL(createRequire(join(process.cwd(), "package.json")).resolve(name)).href;
}
