/**
 * White space as headers know it: space and TAB, and no other.
 *
 * Layer: message. RFC 5234 appendix B.1 (WSP), RFC 5322 §2.2.3.
 */

/** Without space and TAB at the ends; other characters that look like space are text. */
export function trimSpace(value: string): string {
  let start = 0;
  let end = value.length;
  // PERF: one pass, where a pattern with "+$" would take many.
  while (start < end && isSpace(value, start)) start += 1;
  while (end > start && isSpace(value, end - 1)) end -= 1;
  return value.slice(start, end);
}

/** Whether the code unit at `at` is space or TAB. */
export function isSpace(value: string, at: number): boolean {
  const unit = value.charCodeAt(at);
  return unit === 0x20 || unit === 0x09;
}
