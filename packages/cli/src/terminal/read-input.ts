/**
 * Files and stdin as text or as bytes; `-` is stdin.
 */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { CliError, cannotRead } from "../cli-error.js";
import { EXIT } from "../exit-code.js";

/** SECURITY: text is held in memory; a pipe without end must not fill it. Attachments and raw messages are streamed. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/** A text in UTF-8. @throws CliError when it cannot be read, is too long, or is no UTF-8. */
export async function readText(file: string, what: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of openInput(file, what)) {
    size += piece.length;
    if (size > MAX_TEXT_BYTES) throw new CliError(EXIT.data, `${what} ${nameOf(file)} is longer than 64 MiB`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces, size));
  } catch {
    throw new CliError(EXIT.data, `${what} ${nameOf(file)} is not UTF-8`);
  }
}

/** The bytes, piece by piece. @throws CliError when it cannot be read. */
export async function* openInput(file: string, what: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const stream = file === "-" ? process.stdin : createReadStream(file);
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw cannotRead(what, nameOf(file), error);
  }
}

/** Finds out before anything is asked or sent whether a file is there. @throws CliError */
export async function checkReadable(file: string, what: string): Promise<void> {
  if (file === "-") return;
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    // A pipe that is opened and closed again has lost its writer.
    if (stats.isFile()) await (await open(file, "r")).close();
  } catch (error) {
    throw cannotRead(what, file, error);
  }
}

function nameOf(file: string): string {
  return file === "-" ? "(stdin)" : file;
}
