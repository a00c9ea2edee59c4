/**
 * Media types by the ending of a file name.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */
import { MEDIA_TYPE_TABLE } from "./media-type-table.js";

// PERF: built on first use, so that programs without attachments do not pay at start.
let byEnding: ReadonlyMap<string, string> | undefined;

/** The media type by the extension of a file name; undefined when it is unknown. */
export function mediaTypeOf(filename: string): string | undefined {
  const dot = filename.lastIndexOf(".");
  if (dot < 0) return undefined;
  byEnding ??= readTable();
  return byEnding.get(filename.slice(dot + 1).toLowerCase());
}

function readTable(): Map<string, string> {
  const types = new Map<string, string>();
  let type = "";
  for (const word of MEDIA_TYPE_TABLE.trim().split(/\s+/)) {
    const [rest = "", endings] = word.slice(1).split(":");
    type = type.slice(0, Number.parseInt(word.charAt(0), 36)) + rest;
    for (const ending of (endings ?? type.slice(type.indexOf("/") + 1)).split(",")) types.set(ending, type);
  }
  return types;
}
