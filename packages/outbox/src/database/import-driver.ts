/**
 * Loads a driver, which is an optional peer: beside the outbox, or else where the program runs.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the package exports; undefined when it is not installed. */
export async function importDriver<Exported>(name: string): Promise<Exported | undefined> {
  for (const load of [importByName, requireInWorkingFolder]) {
    try {
      const module = (await load(name)) as { default?: Exported };
      return module.default ?? (module as Exported);
    } catch {
      // Not there, or not for this machine: the next place, the next driver.
    }
  }
  return undefined;
}

/** A bundler that sees the name would look for the package when the program is built. */
function importByName(name: string): Promise<unknown> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** For a command that is installed for the whole machine, and a driver that belongs to the project. */
async function requireInWorkingFolder(name: string): Promise<unknown> {
  return createRequire(join(process.cwd(), "package.json"))(name);
}
