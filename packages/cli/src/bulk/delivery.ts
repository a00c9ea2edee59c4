/**
 * Sends the rows that are open, several at a time, and writes down each before it goes and after it is known.
 */
import type { SmtpPool } from "postrider";
import { type Attempt, beginning, entryOf, entryOfError, nextAttempt } from "./attempt.js";
import type { Row } from "./data/rows.js";
import type { JournalEntry, RowState } from "./journal/entries.js";
import type { Journal } from "./journal/journal.js";
import type { Pacer } from "./rate.js";
import type { Outcome, Tally } from "./tally.js";
import type { MailTemplate } from "./template/mail-template.js";

export interface DeliveryParts {
  /** Rows that can be made into mail. */
  readonly rows: AsyncIterator<Row>;
  readonly template: MailTemplate;
  readonly pool: SmtpPool;
  readonly journal: Journal | undefined;
  readonly tally: Tally;
  readonly pacer: Pacer | undefined;
  /** Begins every Message-ID, so that a copy can be told from another mail. */
  readonly id: string;
  readonly resendUnknown: boolean;
  /** Rows without outcome at the same time: as many may be unknown after a kill. */
  readonly concurrency: number;
  /** Asks for the end: what was begun is finished. */
  readonly signal: AbortSignal;
  readonly onOutcome: (entry: JournalEntry, to: string) => void;
}

/** So many in a row without one that the server took or refused: the fault is not with the rows. */
const MAX_FAILURES_IN_A_ROW = 10;

interface Job {
  readonly row: Row;
  readonly attempt: Attempt;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  #turn: Promise<unknown> = Promise.resolve();
  #failuresInARow = 0;
  #isEnded = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** True when it stopped because the server took nothing any more. */
  get gaveUp(): boolean {
    return this.#failuresInARow >= MAX_FAILURES_IN_A_ROW;
  }

  /** Resolves when all rows have an outcome, or were left for another run. @throws what is no outcome: a journal that cannot be written */
  async run(): Promise<void> {
    const workers = Array.from({ length: this.#parts.concurrency }, () => this.#work());
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  async #work(): Promise<void> {
    try {
      for (let job = await this.#next(); job !== undefined; job = await this.#next()) await this.#deliver(job);
    } catch (error) {
      // The others finish what they have begun, and begin no more.
      this.#isEnded = true;
      throw error;
    }
  }

  /** The next row that is open; one worker at a time asks. */
  #next(): Promise<Job | undefined> {
    const job = this.#turn.then(() => this.#pull());
    this.#turn = job.catch(() => undefined);
    return job;
  }

  async #pull(): Promise<Job | undefined> {
    const { rows, journal, pacer, signal } = this.#parts;
    while (!this.#isEnded && !this.gaveUp && !signal.aborted) {
      const next = await rows.next();
      if (next.done === true) break;
      const job = this.#open(next.value, journal?.states.get(next.value.line));
      if (job === undefined) continue;
      await pacer?.turn(signal).catch(() => undefined);
      // Asked to end while it waited for its turn: not begun, so the next run finds it open.
      return signal.aborted ? undefined : job;
    }
    this.#isEnded = true;
    return undefined;
  }

  /** What is to be done for a row; undefined when nothing is. */
  #open(row: Row, state: RowState | undefined): Job | undefined {
    const { tally, resendUnknown } = this.#parts;
    const attempt = nextAttempt(row.line, state, resendUnknown);
    if (attempt !== undefined) return { row, attempt };
    const outcome = state?.kind === "done" ? outcomeOf(state.entry) : "unknown";
    const why = state?.kind === "done" ? state.entry.why : (state?.why ?? "the run ended before the server's answer");
    tally.addBefore(outcome);
    if (outcome !== "accepted") tally.tell({ line: row.line, outcome, to: "", why: why ?? "" });
    return undefined;
  }

  async #deliver({ row, attempt }: Job): Promise<void> {
    const { template, pool, journal, id, tally, onOutcome } = this.#parts;
    const { to } = attempt;
    const message = template.compose(row.values, { idLeft: `${id}.${row.line}` });
    // SECURITY: on the disk before the server hears of it; a row that the journal does not know goes to nobody.
    await journal?.append(beginning(attempt));
    const entry = await pool.send(message, to === undefined ? {} : { recipients: to }).then(
      (result) => entryOf(attempt, result),
      (error: unknown) => entryOfError(attempt, error),
    );
    await journal?.append(entry);
    this.#failuresInARow = entry.is === "failed" ? this.#failuresInARow + 1 : 0;
    if (entry.again === true || entry.is === "failed" || (entry.later ?? []).length > 0) tally.mayTryAgain = true;
    onOutcome(entry, (to ?? [message.headers.get("to") ?? ""]).join(", "));
  }
}

/** What the tally calls it. */
export function outcomeOf({ is }: JournalEntry): Outcome {
  return is === "sending" ? "unknown" : is;
}
