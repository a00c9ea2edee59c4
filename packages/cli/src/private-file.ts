/**
 * Files with addresses or secrets in them: readable by their owner alone, and no symbolic links.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, rm, stat } from "node:fs/promises";
import { CliError, cannotWrite, systemCode } from "./cli-error.js";
import { EXIT } from "./exit-code.js";

/** The mode of what only its owner may read and write. */
const PRIVATE_MODE = 0o600;

/** The bits of a mode that let others read or write. */
const OTHERS = 0o077;

/** SECURITY: a file that others may read or write is not used until that is mended. @throws CliError that says how */
export function checkPrivate({ mode, uid }: Stats, file: string): void {
  // Windows has no such bits.
  if (process.platform === "win32") return;
  if ((mode & OTHERS) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, "0");
    throw new CliError(EXIT.permission, `${file} is accessible to other users (mode ${shown}): run chmod 600 ${file}`);
  }
  if (uid !== process.getuid?.()) throw new CliError(EXIT.permission, `${file} is owned by another user`);
}

/**
 * Opens a file for reading and appending, or makes a private one.
 *
 * @param what what it is, for messages: "the journal".
 * @throws CliError when it is a symbolic link, no file, or open to others.
 */
export async function openPrivate(what: string, file: string): Promise<FileHandle> {
  await refuseLink(what, file);
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  let handle: FileHandle;
  try {
    handle = await open(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, PRIVATE_MODE);
  } catch (error) {
    throw systemCode(error) === "ELOOP" ? linkError(what, file) : cannotWrite(what, file, error);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new CliError(EXIT.cannotCreate, `${what} ${file} is not a regular file`);
    checkPrivate(stats, file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Finds out before the work whether a file can be written at its end. @throws CliError */
export async function checkPlace(what: string, file: string): Promise<void> {
  await refuseLink(what, file);
  try {
    await (await open(file, "a", PRIVATE_MODE)).close();
  } catch (error) {
    throw cannotWrite(what, file, error);
  }
}

/** Writes a private file in place of the one that is there; a device or a pipe is written to. @throws CliError */
export async function writePrivate(what: string, file: string, text: string): Promise<void> {
  await refuseLink(what, file);
  try {
    // A new file: whoever has the old one open, or may read it, does not see what is in this one.
    const isFile = (await statOf(file))?.isFile() ?? true;
    if (isFile) await rm(file, { force: true });
    const handle = await open(file, isFile ? "wx" : "w", PRIVATE_MODE);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw cannotWrite(what, file, error);
  }
}

/** SECURITY: whoever may write to the folder could lead what is written to another file. Links to devices lead to no file. */
async function refuseLink(what: string, file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats?.isSymbolicLink() !== true) return;
  const target = await statOf(file);
  if (target === undefined || target.isFile()) throw linkError(what, file);
}

function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch(() => undefined);
}

function linkError(what: string, file: string): CliError {
  return new CliError(EXIT.permission, `${what} ${file} is a symbolic link: give the path of its target`);
}
