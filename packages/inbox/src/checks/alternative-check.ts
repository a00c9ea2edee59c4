/**
 * Do text and HTML say the same? Receivers compare them, and people who read text want all of it.
 */
import type { InboxMessage } from "../message.js";
import type { ApiCheck } from "../web/api-types.js";
import { htmlText } from "../web/html-text.js";
import { linksOf } from "../web/links.js";

/** Of the words of the HTML, at least this share should be in the text. */
const MIN_SHARE = 0.5;
/** Fewer words say nothing. */
const MIN_WORDS = 8;
const MAX_SHOWN = 12;
/** PERF: of a longer text only the beginning is compared. */
const MAX_TEXT = 200_000;

/** Undefined when there is one of the two only. */
export function checkAlternative(message: InboxMessage): ApiCheck | undefined {
  const { text, html } = message;
  if (text === undefined || html === undefined) return undefined;
  const about = { id: "alternative" };
  const said = new Set(wordsOf(text));
  const action = linksOf({ ...message, text: undefined }).find(({ kind }) => kind === "action");
  if (action !== undefined && !text.includes(action.url))
    return {
      ...about,
      level: "warning",
      title: "The text has not the link",
      detail: `The HTML was sent for ${action.url.slice(0, 200)}, and the text does not have it.`,
    };
  const words = [...new Set(wordsOf(htmlText(html)))];
  const missing = words.filter((word) => !said.has(word));
  if (words.length >= MIN_WORDS && missing.length > words.length * (1 - MIN_SHARE))
    return {
      ...about,
      level: "warning",
      title: "Text and HTML say different things",
      detail: `${missing.length} of ${words.length} words of the HTML are not in the text: ${missing.slice(0, MAX_SHOWN).join(", ")}${missing.length > MAX_SHOWN ? " …" : ""}.`,
    };
  return { ...about, level: "ok", title: "Text and HTML", detail: "They say the same." };
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .slice(0, MAX_TEXT)
      .toLowerCase()
      .match(/\p{L}{4,}/gu) ?? []
  );
}
