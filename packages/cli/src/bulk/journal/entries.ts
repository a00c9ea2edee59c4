/**
 * What a journal says of a row, and what that means for the next run.
 */

/** One line of the journal, after the first. */
export interface JournalEntry {
  /** The line of the data on which the row begins. */
  readonly line: number;
  /** `"sending"` is written before the server hears of the row; all others after its outcome is known. */
  readonly is: "sending" | "accepted" | "partly" | "refused" | "failed" | "unknown";
  /** Whom this attempt was for, when not for everybody whom the row names. */
  readonly to?: readonly string[] | undefined;
  /** Who surely does not have it, and may be tried again. */
  readonly later?: readonly string[] | undefined;
  /** Who may have it or not; with `"unknown"` and without this list, all whom the attempt was for. */
  readonly unsure?: readonly string[] | undefined;
  /** Who was refused for good. */
  readonly lost?: readonly string[] | undefined;
  /** With `"refused"`: whether it may be tried again. */
  readonly again?: boolean | undefined;
  /** The server's words, or the error's. */
  readonly why?: string | undefined;
}

/** Recipients of a row: all that it names, or these. */
export type Whom = "all" | readonly string[];

/** Where a row stands when a run begins. */
export type RowState =
  /** Nothing more is to be done. */
  | { readonly kind: "done"; readonly entry: JournalEntry }
  | {
      readonly kind: "left";
      /** Who surely does not have it. */
      readonly open: Whom;
      /** Who may have it: sent again only when somebody says so. */
      readonly unsure: Whom;
      readonly lost: readonly string[];
      readonly why: string | undefined;
    };

/** The state that the last entry of a row leaves. */
export function stateAfter(entry: JournalEntry): RowState {
  const { to, later = [], unsure = [], lost = [], why } = entry;
  const left = (open: Whom, others: Whom): RowState =>
    open.length === 0 && others.length === 0
      ? { kind: "done", entry }
      : { kind: "left", open, unsure: others, lost, why };
  switch (entry.is) {
    case "accepted":
      return ACCEPTED;
    case "sending":
      return left([], to === undefined ? "all" : [...to, ...unsure]);
    case "unknown":
      return left(later, entry.unsure ?? to ?? "all");
    case "partly":
      return left(later, unsure);
    case "refused":
      return left(entry.again === true ? (to ?? "all") : [], unsure);
    case "failed":
      return left(to ?? "all", unsure);
  }
}

/** PERF: what most of a million rows are; one object for all of them. */
const ACCEPTED: RowState = { kind: "done", entry: { line: 0, is: "accepted" } };

const KINDS: ReadonlySet<unknown> = new Set(["sending", "accepted", "partly", "refused", "failed", "unknown"]);

/** @returns undefined when it is no entry. */
export function readEntry(value: Readonly<Record<string, unknown>>): JournalEntry | undefined {
  const { line, is, to, later, unsure, lost, again, why } = value as { readonly [Key in keyof JournalEntry]?: unknown };
  if (!Number.isSafeInteger(line) || !KINDS.has(is) || ![to, later, unsure, lost].every(isList)) return undefined;
  if (!(again === undefined || typeof again === "boolean") || !(why === undefined || typeof why === "string")) {
    return undefined;
  }
  return value as unknown as JournalEntry;
}

/** @returns undefined when it is no JSON, or no object. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isList(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}
