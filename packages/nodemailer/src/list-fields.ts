/**
 * The List- fields: `list: { unsubscribe: "https://..." }`.
 *
 * Layer: nodemailer. RFC 2369, RFC 2919 (List-ID).
 */
import { EmailMessage } from "postrider";
import { oneLine } from "./addresses.js";
import type { ListHeader, ListHeaders } from "./types.js";

/** Names and values; a list of lists gives a field for each inner list. URLs and comments pass postrider's rules. */
export function* listFields(list: ListHeaders): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(list)) {
    if (value === undefined || value === null) continue;
    const name = `List-${nameOf(key)}`;
    const rows: readonly (readonly ListHeader[])[] =
      Array.isArray(value) && value.some((one) => Array.isArray(one))
        ? (value as readonly (ListHeader | readonly ListHeader[])[]).map((row) =>
            Array.isArray(row) ? row : [row as ListHeader],
          )
        : [Array.isArray(value) ? (value as readonly ListHeader[]) : [value as ListHeader]];
    for (const row of rows.filter(({ length }) => length > 0))
      yield [name, key.toLowerCase() === "id" ? formatId(row) : formatUrls(row)];
  }
}

function nameOf(key: string): string {
  const words = key.replace(/([a-z])([A-Z])/g, "$1-$2").split("-");
  return words
    .map((word) => (word.toLowerCase() === "id" ? "ID" : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("-");
}

function formatUrls(row: readonly ListHeader[]): string {
  // RFC 2369 §3.4: the word that says that nobody may write to the list.
  if (row.length === 1 && row[0] === "NO") return "NO";
  const urls = row.map((one) => {
    const { url, comment } = typeof one === "string" ? { url: one, comment: undefined } : one;
    return {
      url: withScheme(url.trim().replace(/^<(.*)>$/, "$1")),
      comment: comment === undefined ? undefined : oneLine(comment),
    };
  });
  return new EmailMessage({ list: { help: urls } }).headers.get("List-Help") ?? "";
}

function withScheme(url: string): string {
  if (/^[a-z][a-z\d+.-]*:/i.test(url)) return url;
  return /^[^@/]+@[^@/]+$/.test(url) ? `mailto:${url}` : `http://${url}`;
}

function formatId([first]: readonly ListHeader[]): string {
  if (first === undefined) return "";
  const id = typeof first === "string" ? first : { id: first.url, name: first.comment };
  return new EmailMessage({ list: { id } }).headers.get("List-ID") ?? "";
}
