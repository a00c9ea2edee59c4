// @ts-check
/**
 * Markdown as text: what is code and stays as it is, and what is prose and may get links.
 *
 * Layer: scripts.
 */

/** A fence, a link or image, an HTML tag, inline code, or a comment: where no word becomes a link. */
const APART =
  /^(`{3,}|~{3,})[\s\S]*?^\1[^\n]*$|<!--[\s\S]*?-->|!?\[(?:[^\][]|\[[^\]]*\])*\]\([^)\n]*\)|<[a-z/][^>\n]*>|`[^`\n]+`|^#.*$/gim;

/**
 * Applies a function to the prose of a page, and another to its inline code.
 * @param {string} text
 * @param {{ prose?: (text: string) => string, code?: (text: string) => string }} changes Inline code comes with its backquotes.
 */
export function changeProse(text, { prose = (same) => same, code = (same) => same }) {
  let changed = "";
  let end = 0;
  for (const match of text.matchAll(APART)) {
    changed += prose(text.slice(end, match.index));
    const isCode = match[0].startsWith("`") && !match[0].startsWith("```");
    changed += isCode ? code(match[0]) : match[0];
    end = match.index + match[0].length;
  }
  return changed + prose(text.slice(end));
}

/**
 * Applies a function to the target of every link and image, outside of fences.
 * @param {string} text
 * @param {(target: string) => string} change
 */
export function changeLinks(text, change) {
  return text.replace(
    /^(`{3,})[\s\S]*?^\1[^\n]*$|`[^`\n]+`|\]\(([^)\s]+)\)/gm,
    (whole, _, /** @type {string | undefined} */ target) => (target === undefined ? whole : `](${change(target)})`),
  );
}

/**
 * The anchor of a heading, as GitHub makes it.
 * @param {string} heading
 */
export function slugOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * The first heading of a page, without the marks of code and without type parameters.
 * @param {string} text
 */
export function titleOf(text) {
  return (/^# (.*)$/m.exec(text)?.[1] ?? "").replace(/[`\\]/g, "").replace(/<.*>/, "").trim();
}

/**
 * The first paragraph of a page as plain text, for search engines and llms.txt.
 * @param {string} text
 */
export function summaryOf(text) {
  const withoutFences = text.replace(/^---[\s\S]*?^---$/m, "").replace(/^(`{3,})[\s\S]*?^\1[^\n]*$/gm, "");
  const paragraph = withoutFences
    .split(/\n\s*\n/)
    .map((one) => one.trim())
    .find((one) => one !== "" && !/^(?:#|\||!\[|<|[-*] |\d+\. |>)/.test(one));
  const plain = (paragraph ?? "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[`*\\]/g, "")
    .replace(/\s+/g, " ");
  return plain.length <= 200 ? plain : `${plain.slice(0, plain.lastIndexOf(" ", 197))} ...`;
}
