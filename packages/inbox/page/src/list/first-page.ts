/**
 * Asks for the first page: at once at the start, later at most once in a while, and never while the same question is on its way. Of two
 * answers that are awaited at once the later one would take from the list what was told after the server had written it.
 */
import type { ApiList } from "../../../src/web/api-types.js";
import type { ListAction } from "./list-state.js";

/** The server is asked at most once in this time. */
const DELAY_MS = 120;

export class FirstPage {
  readonly #fetch: (query: string) => Promise<ApiList>;
  readonly #dispatch: (action: ListAction) => void;
  #query = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  /** The query whose answer is on its way. */
  #awaited: string | undefined;
  /** The answer that is on its way is not enough. */
  #isDue = false;

  constructor(fetch: (query: string) => Promise<ApiList>, dispatch: (action: ListAction) => void) {
    this.#fetch = fetch;
    this.#dispatch = dispatch;
  }

  /** The list for this query is wanted anew, however often this is said. */
  want(query: string, isStart: boolean): void {
    this.#query = query;
    if (isStart) this.#ask();
    else if (this.#awaited === query) this.#isDue = true;
    else this.#askSoon();
  }

  #askSoon(): void {
    this.#timer ??= setTimeout(() => this.#ask(), DELAY_MS);
  }

  #ask(): void {
    this.#timer = undefined;
    this.#isDue = false;
    this.#asked += 1;
    const order = this.#asked;
    const query = this.#query;
    this.#awaited = query;
    this.#dispatch({ type: "asked" });
    this.#fetch(query).then(
      (page) => this.#answered(order, { type: "first-page", page }),
      (error: Error) => this.#answered(order, { type: "failed", error: error.message }),
    );
  }

  #answered(order: number, answer: ListAction): void {
    if (order !== this.#asked) return;
    const isWanted = this.#awaited === this.#query;
    this.#awaited = undefined;
    if (isWanted) this.#dispatch(answer);
    if (this.#isDue) this.#askSoon();
  }
}
