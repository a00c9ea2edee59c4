/**
 * What a journal says of a row, and what that means for the next run.
 */

/** One line of the journal, after the first. */
export interface JournalEntry {
  /** The line of the data on which the row begins. */
  readonly line: number;
  /** `"sending"` is written before the server hears of the row; all others after its outcome is known. */
  readonly is: "sending" | "accepted" | "partly" | "refused" | "failed" | "unknown";
  /** Whom it goes to, when that is not everybody whom the row names. */
  readonly to?: readonly string[] | undefined;
  /** With `"partly"`: who was refused for now, and may be tried again. */
  readonly later?: readonly string[] | undefined;
  /** With `"refused"`: whether it may be tried again. */
  readonly again?: boolean | undefined;
  /** The server's words, or the error's. */
  readonly why?: string | undefined;
}

/** Where a row stands when a run begins. */
export type RowState =
  /** Nothing more is to be done. */
  | { readonly kind: "done"; readonly entry: JournalEntry }
  /** To be sent, to these only, or to everybody. */
  | { readonly kind: "open"; readonly to: readonly string[] | undefined }
  /** It may have been delivered: sent again only when somebody says so. */
  | { readonly kind: "unknown"; readonly to: readonly string[] | undefined; readonly why: string | undefined };

/** The state that the last entry of a row leaves. */
export function stateAfter(entry: JournalEntry): RowState {
  switch (entry.is) {
    case "accepted":
      return ACCEPTED;
    case "sending":
      return { kind: "unknown", to: entry.to, why: "the run ended before the server's answer" };
    case "unknown":
      return { kind: "unknown", to: entry.to, why: entry.why };
    case "partly":
      return (entry.later ?? []).length === 0 ? { kind: "done", entry } : { kind: "open", to: entry.later };
    case "refused":
      return entry.again === true ? { kind: "open", to: entry.to } : { kind: "done", entry };
    case "failed":
      return { kind: "open", to: entry.to };
  }
}

/** PERF: what most of a million rows are; one object for all of them. */
const ACCEPTED: RowState = { kind: "done", entry: { line: 0, is: "accepted" } };

const KINDS: ReadonlySet<unknown> = new Set(["sending", "accepted", "partly", "refused", "failed", "unknown"]);

/** @returns undefined when it is no entry. */
export function readEntry(text: string): JournalEntry | undefined {
  const value = readObject(text);
  if (value === undefined) return undefined;
  const { line, is, to, later, again, why } = value as { readonly [Key in keyof JournalEntry]?: unknown };
  if (!Number.isSafeInteger(line) || !KINDS.has(is) || !isList(to) || !isList(later)) return undefined;
  if (!(again === undefined || typeof again === "boolean") || !(why === undefined || typeof why === "string"))
    return undefined;
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
