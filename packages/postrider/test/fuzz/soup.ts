/** Text that is hard on parsers: much of what means something to them, in any order. */
import { Buffer } from "node:buffer";
import { fc } from "../support/property.js";

/** Pieces of a language, and anything else now and then. */
export function soupOf(pieces: readonly string[], maxLength: number = 40): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...pieces) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
    {
      weight: 1,
      arbitrary: fc.string({
        unit: fc.constantFrom("\r", "\n", "\0", "\t", "\ud800", "\u010d\u010a", "\u2028"),
        maxLength: 3,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...pieces), fc.nat({ max: 300 })).map(([text, times]) => text.repeat(times)),
    },
  );
  return fc.array(piece, { maxLength }).map((parts) => parts.join(""));
}

/** The same as bytes, one a character. */
export function byteSoupOf(pieces: readonly string[], maxLength: number = 40): fc.Arbitrary<Buffer> {
  return soupOf(pieces, maxLength).map((text) => Buffer.from(text, "latin1"));
}
