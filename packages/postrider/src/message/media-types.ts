/**
 * Media types by the ending of a file name.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */
import { MEDIA_TYPE_TABLE } from "./media-type-table.js";

// PERF: made on first use; a program that attaches nothing does not pay for it at every start.
let byEnding: ReadonlyMap<string, string> | undefined;

/** The type of a file of that name; undefined when its ending says nothing. */
export function mediaTypeOf(filename: string): string | undefined {
  const dot = filename.lastIndexOf(".");
  if (dot < 0) return undefined;
  byEnding ??= readTable();
  return byEnding.get(filename.slice(dot + 1).toLowerCase());
}

function readTable(): Map<string, string> {
  const types = new Map<string, string>();
  let top = "";
  for (const word of MEDIA_TYPE_TABLE.trim().split(/\s+/)) {
    if (word.endsWith("/")) {
      top = word;
      continue;
    }
    const [subtype = "", endings = subtype] = word.split(":");
    for (const ending of endings.split(",")) types.set(ending, top + subtype);
  }
  return types;
}
