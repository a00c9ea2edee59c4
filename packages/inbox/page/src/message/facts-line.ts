/**
 * Who wrote to whom, on one line.
 */
import type { ApiMessage } from "../../../src/web/api-types.js";
import { shortName } from "../format.js";

const SHOWN = 3;

/** The recipients of a kind: names as far as they fit, then how many more. */
export function namesOf(people: ApiMessage["to"]): string {
  return listOf(people.map(shortName));
}

export function listOf(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (rest > 0 ? ` +${rest}` : "");
}
