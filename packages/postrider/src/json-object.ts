/**
 * A JSON object that somebody else wrote.
 *
 * Layer: root vocabulary.
 */

/** Undefined when the text is no JSON, or is another value than an object. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
