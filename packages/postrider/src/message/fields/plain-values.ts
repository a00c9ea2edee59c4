/**
 * Fields that take one of a few words: priority, and whether a machine wrote the message.
 *
 * Layer: message. RFC 2156 §5.3.6 (Importance), RFC 3834 §5 and RFC 5436 §2.7.1 (Auto-Submitted).
 */
import { MessageError } from "../../errors.js";
import { describe } from "../../given.js";
import type { MessageHeaders } from "../header/headers.js";

/** How much it matters. `"normal"` is what a message without the field has, and adds nothing. */
export type Priority = "high" | "normal" | "low";

/**
 * `"auto-generated"`: a report, a newsletter, a receipt. `"auto-replied"`: an answer to a message, such as an absence note.
 * `"auto-notified"`: what a rule of the recipient's asked for. `"no"`: a person wrote it.
 */
export type AutoSubmitted = "auto-generated" | "auto-replied" | "auto-notified" | "no";

// QUIRK: Outlook and Exchange read Importance, most others X-Priority. X-MSMail-Priority is left out: filters take it for
// spam in a message that does not come from Outlook.
const PRIORITIES: { readonly [priority in Priority]: readonly (readonly [name: string, value: string])[] } = {
  high: [
    ["X-Priority", "1 (Highest)"],
    ["Importance", "high"],
  ],
  normal: [],
  low: [
    ["X-Priority", "5 (Lowest)"],
    ["Importance", "low"],
  ],
};

const AUTO_SUBMITTED: readonly AutoSubmitted[] = ["auto-generated", "auto-replied", "auto-notified", "no"];

/** @throws MessageError when it is no priority. */
export function applyPriority(headers: MessageHeaders, value: unknown, field: string): void {
  const word = oneOf(value, Object.keys(PRIORITIES) as Priority[], field);
  for (const [name, text] of PRIORITIES[word]) headers.set(name, text);
}

/** @throws MessageError when it is none of the words. */
export function applyAutoSubmitted(headers: MessageHeaders, value: unknown, field: string): void {
  headers.set("Auto-Submitted", oneOf(value, AUTO_SUBMITTED, field));
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[], field: string): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const given = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : describe(value);
  throw new MessageError(field, `must be ${words.map((word) => `"${word}"`).join(", ")}, not ${given}`);
}
