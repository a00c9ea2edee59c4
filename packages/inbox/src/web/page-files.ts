/**
 * The files of the page as they were built, read once and kept.
 */
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

export interface PageFile {
  readonly contentType: string;
  readonly content: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** By path, such as `"/assets/index.js"`. What is not in this table is not there: no request becomes a path of the disk. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Empty when the page was not built. */
export async function readPageFiles(): Promise<PageFiles> {
  // From the package's own root: compiled code lies at one depth for users and at another for tests.
  const root = dirname(createRequire(import.meta.url).resolve("@postrider/inbox/package.json"));
  const folder = join(root, "page", "dist");
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const contentType = TYPES[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(file.slice(folder.length).replaceAll("\\", "/"), { contentType, content: await readFile(file) });
  }
  return files;
}
