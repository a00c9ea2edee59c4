/**
 * The forms of header and body that a signature is made over. Text here is one character a byte.
 *
 * RFC 6376 §3.4.
 */

export type Canonicalization = "simple" | "relaxed";

/** One field as it is, folded, without the CRLF at its end. */
export function canonicalField(field: string, form: Canonicalization): string {
  if (form === "simple") return field;
  const colon = field.indexOf(":");
  const name = field.slice(0, colon).trim().toLowerCase();
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, "")
    .replace(/[ \t]+/g, " ");
  return `${name}:${value.replace(/^ /, "").replace(/ $/, "")}`;
}

/** The body without the empty lines at its end. */
export function canonicalBody(body: string, form: Canonicalization): string {
  const lines = body.split("\r\n");
  const canonical = form === "simple" ? lines : lines.map(relaxedLine);
  let count = canonical.length;
  while (count > 0 && canonical[count - 1] === "") count -= 1;
  // An empty body is one line end in the simple form, and nothing in the relaxed one.
  if (count === 0) return form === "simple" ? "\r\n" : "";
  return `${canonical.slice(0, count).join("\r\n")}\r\n`;
}

// Runs of white space become one space first, so that what is left at the end is at most one: linear, whatever the line is.
function relaxedLine(line: string): string {
  const collapsed = line.replace(/[ \t]+/g, " ");
  return collapsed.endsWith(" ") ? collapsed.slice(0, -1) : collapsed;
}
