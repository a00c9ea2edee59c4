/**
 * Shell commands that print a secret, as password stores do.
 */

/** Prints the lines, each on its own. */
export function printing(...lines: readonly string[]): string {
  return `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")}`;
}
