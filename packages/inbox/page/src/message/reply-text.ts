/**
 * What stands in a reply before somebody writes it: to whom it goes, and the text that it quotes.
 */
import type { ApiMessage } from "../../../src/web/api-types.js";

const MAX_QUOTED_LINES = 200;
const MAX_QUOTED_CHARACTERS = 20_000;

/** Reply-To as it was written, or From. */
export function repliedTo({ headers, from }: Pick<ApiMessage, "headers" | "from">): string {
  const field = headers.find(({ name }) => name.toLowerCase() === "reply-to")?.value ?? "";
  return field === "" ? (from?.address ?? "") : field;
}

/** Two empty lines to write in, who wrote when, and the text with `>` in front of each line. */
export function quoted({ text = "", from, date, receivedAt }: ApiMessage): string {
  if (text.trim() === "") return "";
  const who = from === undefined ? "somebody" : from.name === "" ? from.address : from.name;
  const when = new Date(date ?? receivedAt).toUTCString().replace("GMT", "+0000");
  const lines = text.slice(0, MAX_QUOTED_CHARACTERS).trimEnd().split("\n").slice(0, MAX_QUOTED_LINES);
  const marked = lines.map((line) => (line.startsWith(">") || line === "" ? `>${line}` : `> ${line}`));
  return `\n\nOn ${when}, ${who} wrote:\n${marked.join("\n")}\n`;
}
