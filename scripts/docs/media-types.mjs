// @ts-check
/**
 * packages/postrider/src/message/media-type-table.ts: the data of the package `mime`, in a compact form.
 *
 * Layer: scripts. Needs mime installed.
 */

import mime from "mime";
import other from "mime/types/other.js";
import standard from "mime/types/standard.js";

/** From the root of the repository. */
export const MEDIA_TYPES = "packages/postrider/src/message/media-type-table.ts";

const LINE_LENGTH = 124;

/**
 * All endings, each with the type that `mime` gives for it.
 * @returns {ReadonlyMap<string, string>}
 */
export function mediaTypes() {
  const endings = [standard, other].flatMap((types) => Object.values(types).flat());
  // A star: another type comes first for this ending.
  const names = new Set(endings.map((ending) => ending.replace("*", "")));
  return new Map([...names].map((name) => [name, mime.getType(`x.${name}`) ?? ""]));
}

/**
 * The module as it should be.
 * @param {ReadonlyMap<string, string>} [types]
 * @returns {string}
 */
export function mediaTypeTable(types = mediaTypes()) {
  /** @type {Map<string, Map<string, string[]>>} */
  const groups = new Map();
  for (const [ending, type] of [...types].sort(byText)) {
    const [top = "", subtype = ""] = type.split("/");
    const group = groups.get(top) ?? new Map();
    groups.set(top, group.set(subtype, [...(group.get(subtype) ?? []), ending]));
  }
  const words = [...groups].sort(byText).flatMap(([top, group]) => [`${top}/`, ...[...group].sort(byText).map(entry)]);
  return `/**
 * Media types and the endings of their files: the data of the package mime, as \`npm run docs\` writes it.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */

/**
 * Words with white space between: \`type/\`, then its subtypes, each with its endings where these are more than the subtype:
 * \`subtype:ending,ending\`.
 */
export const MEDIA_TYPE_TABLE: string = \`
${lines(words).join("\n")}
\`;
`;
}

/**
 * @param {[subtype: string, endings: string[]]} entry
 * @returns {string}
 */
function entry([subtype, endings]) {
  return endings.length === 1 && endings[0] === subtype ? subtype : `${subtype}:${endings.join(",")}`;
}

/**
 * @param {readonly string[]} words
 * @returns {string[]}
 */
function lines(words) {
  const result = [""];
  for (const word of words) {
    const line = result.at(-1) ?? "";
    if (line !== "" && (word.endsWith("/") || line.length + 1 + word.length > LINE_LENGTH)) result.push(word);
    else result[result.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return result;
}

/**
 * @param {readonly [string, unknown]} left
 * @param {readonly [string, unknown]} right
 */
function byText([left], [right]) {
  return left < right ? -1 : 1;
}
