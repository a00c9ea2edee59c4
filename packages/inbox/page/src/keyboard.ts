/**
 * Keys of the page, and what they do.
 */

export type Command = "next" | "previous" | "search" | "select" | "unread" | "delete" | "undo" | "close" | "help";

interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const KEYS: Readonly<Record<string, Command>> = {
  j: "next",
  k: "previous",
  "/": "search",
  x: "select",
  u: "unread",
  z: "undo",
  Delete: "delete",
  Escape: "close",
  "?": "help",
};

/** The list for people, in the order of the help. */
export const SHORTCUTS: readonly (readonly [key: string, meaning: string])[] = [
  ["j", "next (older) message"],
  ["k", "previous (newer) message"],
  ["/", "search"],
  ["x", "select the open message, or no longer"],
  ["u", "mark as unread or read what is selected, or the open message"],
  ["Del", "delete what is selected, or the open message"],
  ["z", "undo the last deletion"],
  ["Esc", "close the message, or leave the search"],
  ["?", "this help"],
];

/** @param typing the reader is in a field, where letters are text. */
export function commandFor({ key, ctrlKey, altKey, metaKey }: Press, typing: boolean): Command | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  const command = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  return typing && command !== "close" ? undefined : command;
}
