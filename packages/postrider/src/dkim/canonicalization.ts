/**
 * How much a message may be changed on its way before a signature breaks, and what the word for that is.
 *
 * Layer: dkim. RFC 6376 §3.4 and §3.5 (the c= tag).
 */

/** `"relaxed"`: white space may change. `"simple"`: nothing may. */
export type Canonicalization = "relaxed" | "simple";

/** Of the header and of the body, as in the c= tag. */
export type CanonicalizationPair = `${Canonicalization}/${Canonicalization}`;

export const CANONICALIZATION_PAIRS: readonly CanonicalizationPair[] = [
  "relaxed/relaxed",
  "relaxed/simple",
  "simple/relaxed",
  "simple/simple",
];

export function headerCanonicalization(pair: CanonicalizationPair): Canonicalization {
  return pair.startsWith("relaxed") ? "relaxed" : "simple";
}

export function bodyCanonicalization(pair: CanonicalizationPair): Canonicalization {
  return pair.endsWith("relaxed") ? "relaxed" : "simple";
}
