/** The structures of the corpus: which parts a message has, and the tree that they must become. */

export interface StructureRow {
  readonly name: string;
  readonly hasText: boolean;
  readonly hasHtml: boolean;
  readonly inline: number;
  readonly attached: number;
  readonly embedded: number;
}

const row = (name: string, parts: string): StructureRow => {
  const count = (letter: string): number => parts.split(letter).length - 1;
  return {
    name,
    hasText: count("t") > 0,
    hasHtml: count("h") > 0,
    inline: count("i"),
    attached: count("a"),
    embedded: count("m"),
  };
};

export const STRUCTURES: readonly StructureRow[] = [
  row("text", "t"),
  row("html", "h"),
  row("text and html", "th"),
  row("text, attachment", "ta"),
  row("html, attachment", "ha"),
  row("text and html, attachment", "tha"),
  row("html with a picture", "hi"),
  row("text and html with a picture", "thi"),
  row("all of it", "thiaa"),
  row("two pictures, attachment", "hiia"),
  row("attachment alone", "a"),
  row("three attachments", "taaa"),
  row("a message inside", "tm"),
  row("a message inside, attachment, html", "thma"),
];

/** The tree as text: `multipart/mixed[text/plain,image/png]`. */
export function expectedTree(row: StructureRow, inline: readonly string[], attached: readonly string[]): string {
  const bodies = [...(row.hasText ? ["text/plain"] : []), ...(row.hasHtml ? ["text/html"] : [])];
  const [first = ""] = bodies;
  let tree = bodies.length > 1 ? `multipart/alternative[${bodies.join()}]` : first;
  if (inline.length > 0) tree = `multipart/related[${[tree, ...inline].join()}]`;
  if (attached.length > 0) tree = `multipart/mixed[${[...(tree === "" ? [] : [tree]), ...attached].join()}]`;
  return tree;
}
