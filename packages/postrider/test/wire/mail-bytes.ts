/**
 * Content that is hard on line ends and dots: random bytes of the few that matter, and bodies known from SMTP smuggling.
 */
import { Buffer } from "node:buffer";
import { fc } from "../support/property.js";

/** Bytes of which most are CR, LF and dots. */
export const mailBytes: fc.Arbitrary<Uint8Array> = fc
  .array(fc.constantFrom("\r", "\n", ".", "\r\n", "\r\n.", "a", "\t", " ", "\u0000", "\u00e9"), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join(""), "latin1"));

/** Where to cut: as many parts as there are numbers, and one. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.nat({ max: 1000 }), { maxLength: 8 });

/** The bytes in parts, some of them empty. */
export function cutAt(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

/** Each holds something that some server took for the end of the content. */
export const SMUGGLING: readonly string[] = [
  "a\r\n\r\n.\r\nMAIL FROM:<x@y.z>\r\n",
  "a\n.\nMAIL FROM:<x@y.z>\n",
  "a\r.\rMAIL FROM:<x@y.z>\r",
  "a\n.\r\nMAIL FROM:<x@y.z>\r\n",
  "a\r\n.\nMAIL FROM:<x@y.z>\r\n",
  "a\r\n.\rMAIL FROM:<x@y.z>\r\n",
  "a\r\r\n.\r\r\nMAIL FROM:<x@y.z>\r\n",
  "a\r.\r\nMAIL FROM:<x@y.z>\r\n",
  "a\r\n\u0000.\r\n.\u0000\r\n",
  ".\r\nMAIL FROM:<x@y.z>\r\n",
  ".",
  "..",
  "\r",
  "\n",
  "\r\n",
  "\r\n.",
  "\r\n.\r",
  "\n\r.\n\r",
  "",
];
