/**
 * The subject in the header of a composed message.
 *
 * RFC 5322 §2.2.3 (unfolding), RFC 2047 (encoded words).
 */

/** The header is looked for in so many bytes. */
export const HEADER_BYTES = 16_384;

/** Undefined: the beginning has none. */
export function subjectOf(beginning: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(beginning);
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const field = /^subject:(.*(?:\r?\n[ \t].*)*)/im.exec(text.slice(0, end))?.[1];
  return field === undefined ? undefined : decodeWords(field.replace(/\r?\n(?=[ \t])/g, "").trim());
}

const WORD = /=\?([\w-]+)(?:\*[\w-]+)?\?([bq])\?([^?\s]*)\?=/gi;

/** White space between two encoded words is none of the text; what does not decode stays as it is. */
function decodeWords(text: string): string {
  return text
    .replace(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?)/gi, "$1")
    .replace(WORD, (word, charset: string, encoding: string, content: string) => {
      const bytes =
        encoding.toLowerCase() === "b"
          ? Buffer.from(content, "base64")
          : Buffer.from(
              content
                .replaceAll("_", " ")
                .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
              "latin1",
            );
      try {
        return new TextDecoder(charset).decode(bytes);
      } catch {
        return word;
      }
    });
}
