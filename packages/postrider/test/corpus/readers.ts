/** Three parsers of other people's, and what each finds in a message. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { domainToASCII, fileURLToPath } from "node:url";
import { type AddressObject, simpleParser } from "mailparser";
import PostalMime, { type Address } from "postal-mime";
import type { ExpectedAttachment } from "./attachments.js";
import type { Person } from "./people.js";

/** What was found; a reader that does not tell something leaves it out. */
export interface Found {
  readonly subject?: string | undefined;
  readonly from?: readonly Person[] | undefined;
  readonly to?: readonly Person[] | undefined;
  readonly cc?: readonly Person[] | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly FoundAttachment[] | undefined;
  readonly tree?: string | undefined;
  /** What the reader itself says is wrong with the message. */
  readonly defects?: readonly string[] | undefined;
}

export type FoundAttachment = Omit<ExpectedAttachment, "disposition"> & { readonly disposition: string | undefined };

export type ReaderName = "postal-mime" | "mailparser" | "Python's email";

/** @returns what postal-mime finds in one message. */
export async function readWithPostalMime(message: Uint8Array): Promise<Found> {
  const options = { attachmentEncoding: "arraybuffer", forceRfc822Attachments: true } as const;
  const { subject, from, to, cc, text, html, attachments } = await PostalMime.parse(message, options);
  return {
    subject: subject ?? "",
    from: flat(from === undefined ? [] : [from]),
    to: flat(to ?? []),
    cc: flat(cc ?? []),
    text,
    html,
    attachments: attachments.map((one) => ({
      filename: one.filename ?? undefined,
      type: one.mimeType,
      bytes: typeof one.content === "string" ? Buffer.from(one.content) : new Uint8Array(one.content),
      contentId: one.contentId?.replace(/^<|>$/g, ""),
      disposition: one.disposition ?? undefined,
    })),
  };
}

function flat(entries: readonly Address[]): Person[] {
  return entries
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => ({ name, address: address ?? "" }));
}

/** @returns what mailparser finds in one message. */
export async function readWithMailparser(message: Uint8Array): Promise<Found> {
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };
  const { subject, from, to, cc, text, html, attachments } = await simpleParser(Buffer.from(message), options);
  return {
    subject: subject ?? "",
    from: members(from),
    to: members(to),
    cc: members(cc),
    // Of what is absent it says that it is empty; no text of the corpus is.
    text: text === "" ? undefined : text,
    html: html === false ? undefined : html,
    attachments: attachments.map((one) => ({
      filename: one.filename,
      type: one.contentType,
      bytes: one.content,
      contentId: one.cid,
      disposition: one.contentDisposition,
    })),
  };
}

function members(given: AddressObject | AddressObject[] | undefined): Person[] {
  const objects = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return objects
    .flatMap(({ value }) => value)
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ name, address }) => ({ name, address: toAscii(address ?? "") }));
}

/** mailparser shows domains in Unicode. */
function toAscii(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  return address.slice(0, at) + (domain.startsWith("[") ? domain : domainToASCII(domain));
}

const PROGRAM = fileURLToPath(new URL("../../../test/corpus/read-mail.py", import.meta.url));

/**
 * One process for all messages.
 *
 * @returns what Python finds in each, in order; undefined when there is no Python.
 */
export function readWithPython(messages: readonly Uint8Array[]): Found[] | undefined {
  const input = messages.map((message) => `${Buffer.from(message).toString("base64")}\n`).join("");
  const { error, status, stdout, stderr } = spawnSync("python3", [PROGRAM], {
    input,
    maxBuffer: 2 ** 30,
    encoding: "utf8",
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") return undefined;
  assert.equal(status, 0, `${error?.message ?? ""}${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => revive(JSON.parse(line)));
}

/** Python says null for what is absent. */
function revive(found: Record<string, unknown>): Found {
  const attachments = found["attachments"] as Record<string, unknown>[];
  return {
    ...withoutNulls(found),
    attachments: attachments.map((one) => {
      const { filename, type, bytes, contentId, disposition } = withoutNulls(one) as { [key: string]: string };
      return { filename, type: type ?? "", bytes: Buffer.from(bytes ?? "", "base64"), contentId, disposition };
    }),
  };
}

function withoutNulls(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
