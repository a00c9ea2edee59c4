/**
 * Tag lists: `v=1; a=rsa-sha256; ...`, in signatures and in key records.
 *
 * RFC 6376 §3.2.
 */

/** Values by tag, white space around them removed; undefined when the list is malformed or says a tag twice. */
export function parseTagList(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  const parts = text.split(";");
  // A semicolon may end the list.
  if (parts.at(-1)?.trim() === "") parts.pop();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = part.slice(0, equals).trim();
    if (equals === -1 || !/^[A-Za-z]\w{0,63}$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, part.slice(equals + 1).trim());
  }
  return tags;
}

/** A value without the white space that folding has put into it. */
export function unfolded(value: string): string {
  return value.replace(/\s+/g, "");
}
