/**
 * One thing that happened in the inbox, with the counts after it.
 */
import type { ApiEvents } from "../../src/web/api-types.js";

export type LiveEvent = { [Name in keyof ApiEvents]: { readonly name: Name } & ApiEvents[Name] }[keyof ApiEvents];
