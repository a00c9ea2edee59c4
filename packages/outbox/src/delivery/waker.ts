/**
 * Listens for notifications while a worker works, and says so in the database.
 */
import { randomUUID } from "node:crypto";
import type { Database, Listen } from "../database/database.js";
import { channelOf, RENEW_MS, sayListening, stopListening } from "../store/listeners.js";

/** Polling goes on beside it, so that what is missed while a connection is made anew is found all the same. */
export class Waker {
  readonly #database: Database;
  readonly #listen: Listen;
  readonly #wake: () => void;
  readonly #id: string = randomUUID();
  #unlisten: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(database: Database, listen: Listen, wake: () => void) {
    this.#database = database;
    this.#listen = listen;
    this.#wake = wake;
    this.#renew();
    this.#timer = setInterval(() => this.#renew(), RENEW_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#last;
    await this.#unlisten?.().catch(() => undefined);
    await stopListening(this.#database.session, this.#id).catch(() => undefined);
  }

  #renew(): void {
    this.#last = this.#last.then(() => this.#tryRenew()).catch(() => undefined);
  }

  async #tryRenew(): Promise<void> {
    if (this.#isOver) return;
    this.#unlisten ??= await this.#listen(channelOf(this.#database.dialect), this.#wake, () => {
      void this.#unlisten?.().catch(() => undefined);
      this.#unlisten = undefined;
    });
    await sayListening(this.#database.session, this.#id);
    this.#wake();
  }
}
