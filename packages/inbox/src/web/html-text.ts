/**
 * The words of some HTML, for the list and the search. Roughly: what is shown is not computed.
 */

/** PERF: of longer HTML only the beginning is looked at. */
const MAX_LENGTH = 20_000;

export function htmlText(html: string): string {
  let text = "";
  let hidden = "";
  for (const piece of html.slice(0, MAX_LENGTH).split("<")) {
    const end = piece.indexOf(">");
    const element = /^\/?[a-z]{1,20}/i.exec(piece)?.[0].toLowerCase() ?? "";
    if (hidden !== "" && element !== `/${hidden}`) continue;
    hidden = element === "style" || element === "script" || element === "title" ? element : "";
    if (hidden === "") text += ` ${end === -1 ? "" : piece.slice(end + 1)}`;
  }
  return text.replace(/&(nbsp|amp|lt|gt|quot|#39);/g, (_entity, name: string) => CHARACTERS[name] ?? " ");
}

const CHARACTERS: Readonly<Record<string, string>> = { nbsp: " ", amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
