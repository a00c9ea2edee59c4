/**
 * Header fields in their canonical form.
 *
 * Layer: dkim. RFC 6376 §3.4.1 (simple), §3.4.2 (relaxed).
 */
import type { Canonicalization } from "./canonicalization.js";
import type { HeaderField } from "./header-block.js";

/** The field as it is signed, without the line end after it. */
export function canonicalField(field: HeaderField, canonicalization: Canonicalization): string {
  if (canonicalization === "simple") return field.raw;
  const value = field.raw.slice(field.raw.indexOf(":") + 1);
  // PERF: runs become one space first, so that trimming never looks at more than one.
  const text = value.replaceAll("\r\n", "").replace(/[ \t]+/g, " ");
  return `${field.name}:${text.replace(/^ /, "").replace(/ $/, "")}`;
}
