/**
 * Text in which the words of the search are marked.
 */
import type { ComponentChildren, JSX } from "preact";

interface MarkedProps {
  readonly text: string;
  /** In lower case. */
  readonly words: readonly string[];
}

/** More marks than this help nobody, and each is an element. */
const MAX_MARKS = 1000;

export function Marked({ text, words }: MarkedProps): JSX.Element {
  return <>{marked(text, words)}</>;
}

export function marked(text: string, words: readonly string[]): ComponentChildren {
  if (words.length === 0 || text === "") return text;
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  const pieces = text.split(pattern, 2 * MAX_MARKS);
  const rest = pieces.length === 2 * MAX_MARKS ? text.slice(pieces.join("").length) : "";
  // Every second piece is a word.
  return [...pieces.map((piece, index) => (index % 2 === 1 ? <mark key={index}>{piece}</mark> : piece)), rest];
}
