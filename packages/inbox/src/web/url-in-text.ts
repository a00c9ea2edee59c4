/**
 * Web addresses in plain text. The page reads text too, so nothing of Node is used here.
 */

/** An address as far as it can reach; what ends the sentence may still be behind it. */
export const URL_IN_TEXT: RegExp = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/gi;

/** What ends a sentence is no part of the address in front of it. */
const TRAILING = new Set(".,;:!?)]*_");

/** The address without the punctuation behind it. */
export function trimmedUrl(whole: string): string {
  let end = whole.length;
  while (end > 0 && TRAILING.has(whole.charAt(end - 1))) end -= 1;
  // A closing bracket belongs to the address when its opening one does.
  return whole.slice(0, end) + (whole.charAt(end) === ")" && whole.slice(0, end).includes("(") ? ")" : "");
}
