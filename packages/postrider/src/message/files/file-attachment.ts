/**
 * fileAttachment: the only function of the message layer that opens a file of the caller.
 *
 * Layer: message.
 */
import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageError } from "../../errors/errors.js";
import { reasonOf } from "../../given/producer.js";
import { describe, urlText } from "../../given/values.js";
import { ATTACHMENT_KEYS, type Attachment } from "../attachment.js";
import { BORROW } from "../encoding/content-input.js";
import { readKeys } from "../plain-data.js";

/** The description of the attachment; the content is the file. */
export type FileAttachmentOptions = Omit<Attachment, "content">;

/** PERF: a multiple of base64's 57 bytes a line, so that no piece has a remainder to copy. */
const PIECE_BYTES = 57 * 1024;

/**
 * An attachment that is read from a file each time the message is composed, in constant memory. The file name is the last part of the
 * path, and the media type comes from its extension, unless the options say otherwise.
 *
 * A file that is missing, is not a regular file, or changes its size while it is read is a `MessageError` when the message is composed;
 * the message is then not sent.
 *
 * @example
 * const attachments = [fileAttachment("./invoice.pdf")];
 *
 * @throws MessageError (`"message"`) when the path is invalid or an option is unknown.
 */
export function fileAttachment(path: string | URL, options: FileAttachmentOptions = {}): Attachment {
  const own: FileAttachmentOptions = readKeys(
    options,
    FILE_ATTACHMENT_KEYS,
    "fileAttachment",
    "the options of an attachment",
  );
  const absolute = toAbsolutePath(path);
  const content = Object.defineProperties(() => readFile(absolute, "each its own"), {
    size: { get: () => fileSize(absolute) },
    [BORROW]: { value: () => readFile(absolute, "one for all") },
  });
  return { filename: basename(absolute), ...withoutUndefined(own), content };
}

const FILE_ATTACHMENT_KEYS = ATTACHMENT_KEYS.filter((key) => key !== "content");

/**
 * The real path of a regular file below the folder `root`, symbolic links resolved on both sides.
 *
 * SECURITY: the path returned has no symbolic links, so that only a user who may write below `root` can change its target.
 *
 * @param path relative to the root, or absolute and below it
 * @throws what `fault` makes of the rule
 */
export async function findFileWithin(
  root: string | URL,
  path: string,
  fault: (rule: string, cause?: unknown) => MessageError,
): Promise<string> {
  const { realpath, stat } = await import("node:fs/promises");
  const folder = await realFolder(root, fault);
  let file: string;
  try {
    file = await realpath(resolve(folder, path));
  } catch (error) {
    throw fault(`cannot be read below ${folder}: ${reasonOf(error)}`, error);
  }
  const inside = relative(folder, file);
  if (inside === "" || isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`)) {
    throw fault(`leads out of ${folder}`);
  }
  if (!(await stat(file)).isFile()) throw fault("is not a regular file");
  return file;
}

async function realFolder(root: string | URL, fault: (rule: string, cause?: unknown) => MessageError): Promise<string> {
  const { realpath } = await import("node:fs/promises");
  const given = toAbsolutePath(root, "root");
  try {
    return await realpath(given);
  } catch (error) {
    throw fault(`cannot be found: the root ${given} cannot be read: ${reasonOf(error)}`, error);
  }
}

function toAbsolutePath(path: unknown, field: string = "fileAttachment"): string {
  const isPath = typeof path === "string" && path !== "" && !path.includes("\0");
  if (isPath) return resolve(path);
  const href = urlText(path);
  if (href === undefined) throw new MessageError(field, `the path must be a path, not ${describe(path)}`);
  try {
    return fileURLToPath(href);
  } catch (error) {
    throw new MessageError(field, "the URL must be a file: URL", { cause: error });
  }
}

/** Read when the message is composed: an unreadable file is an error before the first byte is sent. */
function fileSize(path: string): number {
  try {
    // PERF: loaded on use, here and below: with Node's streams behind them these cost 2 ms at every start.
    const stats = process.getBuiltinModule("node:fs").statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (error) {
    throw cannotRead(path, error);
  }
  throw new MessageError("fileAttachment", `${path} is not a regular file`);
}

/** @param buffers `"one for all"`: each piece is overwritten by the next. */
async function* readFile(
  path: string,
  buffers: "each its own" | "one for all",
): AsyncGenerator<Uint8Array, void, undefined> {
  const { open } = await import("node:fs/promises");
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    const { size } = await handle.stat();
    let buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let total = 0;
    while (true) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, total);
      if (bytesRead === 0) break;
      total += bytesRead;
      yield buffer.subarray(0, bytesRead);
      if (buffers === "each its own") buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    }
    if (total !== size) {
      throw new MessageError("fileAttachment", `${path} changed while it was read: ${total} bytes instead of ${size}`, {
        phase: "content",
      });
    }
  } finally {
    await handle.close();
  }
}

function cannotRead(path: string, cause: unknown): MessageError {
  return new MessageError("fileAttachment", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
}

function withoutUndefined(options: FileAttachmentOptions): FileAttachmentOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
