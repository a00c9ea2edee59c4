/**
 * Tells a web address of each message that arrives: a POST of `{ message, url }`, one after the other.
 */
import type { InboxMessage } from "./message.js";
import type { MessageStore } from "./store/message-store.js";
import type { ApiWebhook } from "./web/api-types.js";
import { messageSummary } from "./web/message-json.js";

/** A receiver that does not answer in this time has failed. */
const TIMEOUT_MS = 10_000;
/** SECURITY: a receiver that is slow must not make the inbox grow; what is beyond has failed. */
const MAX_WAITING = 1000;

export class Webhook {
  readonly #url: string;
  readonly #abort = new AbortController();
  readonly #stop: () => void;
  readonly #waiting: InboxMessage[] = [];
  #sending: Promise<void> | undefined;
  #delivered = 0;
  #failed = 0;
  #error: string | undefined;

  constructor(url: string, store: MessageStore) {
    this.#url = url;
    this.#stop = store.listen((change) => {
      if (change.type === "added") this.#add(change.message);
    });
  }

  /** What the receiver has heard so far. */
  get state(): ApiWebhook {
    const { host, pathname, protocol } = new URL(this.#url);
    // SECURITY: without the secrets that such an address often has in its query or as its user.
    return {
      url: `${protocol}//${host}${pathname}`,
      delivered: this.#delivered,
      failed: this.#failed,
      error: this.#error,
    };
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#stop();
    this.#waiting.length = 0;
    this.#abort.abort();
    await this.#sending;
  }

  #add(message: InboxMessage): void {
    if (this.#waiting.length >= MAX_WAITING) return this.#fail("The receiver is too slow.");
    this.#waiting.push(message);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#send(next);
  }

  async #send(message: InboxMessage): Promise<void> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ message: messageSummary(message, false), url: `/messages/${message.id}` }),
        signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      if (response.ok) this.#delivered += 1;
      else this.#fail(`The receiver answered ${response.status}.`);
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #fail(error: string): void {
    if (this.#failed === 0) process.emitWarning(`The webhook has failed: ${error}`, "InboxWebhookWarning");
    this.#failed += 1;
    this.#error = error;
  }
}
