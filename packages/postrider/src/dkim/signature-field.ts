/**
 * The text of a DKIM-Signature field: tags, folded, first without and then with the signature.
 *
 * Layer: dkim. RFC 6376 §3.2 (tag lists), §3.5 (tags), §3.7 (the signature signs its own field with an empty b=).
 */
import type { CanonicalizationPair } from "./canonicalization.js";
import type { DkimAlgorithm } from "./key-material.js";

export interface SignatureTags {
  readonly algorithm: DkimAlgorithm;
  readonly canonicalization: CanonicalizationPair;
  readonly domain: string;
  readonly selector: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Seconds since 1970. */
  readonly expiration: number | undefined;
  /** The h= tag. */
  readonly names: readonly string[];
  readonly bodyHash: string;
}

/** RFC 5322 §2.1.1. */
const LINE_LENGTH = 78;
const FOLD = "\r\n ";
const SIGNATURE_TAG = " b=";

/** The field up to `b=`, which is what is signed of it. */
export function unsignedField(tags: SignatureTags): string {
  const expiration = tags.expiration === undefined ? [] : [` x=${tags.expiration};`];
  const last = tags.names.length - 1;
  return `${fold([
    "DKIM-Signature:",
    " v=1;",
    ` a=${tags.algorithm};`,
    ` c=${tags.canonicalization};`,
    ` d=${tags.domain};`,
    ` s=${tags.selector};`,
    ` t=${tags.timestamp};`,
    ...expiration,
    ...tags.names.map((name, index) => `${index === 0 ? " h=" : ""}${name}${index === last ? ";" : ":"}`),
    ` bh=${tags.bodyHash};`,
  ])}\r\n${SIGNATURE_TAG}`;
}

/** White space inside b= does not count, so it may fold anywhere (RFC 6376 §3.5). */
export function withSignature(unsigned: string, signature: string): string {
  const lines: string[] = [];
  const room = LINE_LENGTH - SIGNATURE_TAG.length;
  for (let start = 0; start < signature.length; start += room) lines.push(signature.slice(start, start + room));
  return unsigned + lines.join(FOLD);
}

/** Words that bring their own space before them; a word that starts a line gets exactly one. */
function fold(words: readonly string[]): string {
  let text = "";
  let column = 0;
  for (const word of words) {
    if (column + word.length > LINE_LENGTH && column > 0) {
      const line = word.startsWith(" ") ? word : ` ${word}`;
      text += `\r\n${line}`;
      column = line.length;
    } else {
      text += word;
      column += word.length;
    }
  }
  return text;
}
