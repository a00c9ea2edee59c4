// @ts-check
/**
 * packages/postrider/src/message/files/media-type-table.ts: the data of the package `mime`, in a compact form.
 *
 * Layer: scripts. Needs mime installed.
 */

import mime from "mime";
import other from "mime/types/other.js";
import standard from "mime/types/standard.js";

/** From the root of the repository. */
export const MEDIA_TYPES = "packages/postrider/src/message/files/media-type-table.ts";

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
  /** @type {Map<string, string[]>} */
  const endings = new Map();
  for (const [ending, type] of [...types].sort(byText)) endings.set(type, [...(endings.get(type) ?? []), ending]);
  const sorted = [...endings].sort(byText);
  const words = sorted.map(([type, names], index) => entry(type, names, sorted[index - 1]?.[0] ?? ""));
  return `/**
 * Media types and the endings of their files: the data of the package mime, as \`npm run docs\` writes it.
 *
 * Layer: message. RFC 6838, and the IANA registry of media types.
 */

/**
 * Words with white space between, one for each type, in order: how many characters are those of the type before (one digit, base 36),
 * the rest of the type, and its endings, where these are more than the subtype: \`0type/subtype:ending,ending\`.
 */
export const MEDIA_TYPE_TABLE: string = \`
${lines(words).join("\n")}
\`;
`;
}

/**
 * @param {string} type
 * @param {readonly string[]} endings
 * @param {string} before The type before it.
 * @returns {string}
 */
function entry(type, endings, before) {
  let shared = 0;
  while (shared < 35 && shared < type.length && type[shared] === before[shared]) shared += 1;
  const isPlain = endings.length === 1 && endings[0] === type.split("/")[1];
  return `${shared.toString(36)}${type.slice(shared)}${isPlain ? "" : `:${endings.join(",")}`}`;
}

/**
 * @param {readonly string[]} words
 * @returns {string[]}
 */
function lines(words) {
  const result = [""];
  for (const word of words) {
    const line = result.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > LINE_LENGTH) result.push(word);
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
