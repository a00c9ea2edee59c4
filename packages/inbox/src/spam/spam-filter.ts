/**
 * The spam filter of the options. It is asked about a message when somebody wants to know, and no message goes anywhere else.
 */
import type { InboxMessage } from "../message.js";
import type { ApiInbox, ApiSpam } from "../web/api-types.js";
import { type AskFilter, SpamFilterError } from "./answer.js";
import { askRspamd } from "./rspamd.js";
import { askSpamd } from "./spamd.js";

type Kind = NonNullable<ApiInbox["spamFilter"]>;

/** A filter that asks lists of others in the DNS answers within seconds. */
const TIMEOUT_MS = 30_000;

const FILTERS: Readonly<Record<string, { readonly kind: Kind; readonly name: string; readonly ask: AskFilter }>> = {
  "http:": { kind: "rspamd", name: "Rspamd", ask: askRspamd },
  "https:": { kind: "rspamd", name: "Rspamd", ask: askRspamd },
  "spamd:": { kind: "spamassassin", name: "SpamAssassin", ask: askSpamd },
};

/** The rule of the option. */
export function isSpamFilter(value: unknown): boolean {
  if (typeof value !== "string" || !/^(?:https?|spamd):\/\/[^/?#@\\\s]+\/?$/i.test(value)) return false;
  return URL.canParse(value) && new URL(value).port !== "0";
}

/** What the filter of this address is. */
export function kindOfFilter(address: string): Kind {
  return entryOf(new URL(address)).kind;
}

export class SpamFilter {
  readonly #address: URL;
  readonly #timeout: number;
  readonly #closed = new AbortController();

  /** @param address as `isSpamFilter` has found it good. */
  constructor(address: string, timeout: number = TIMEOUT_MS) {
    this.#address = new URL(address);
    this.#timeout = timeout;
  }

  /**
   * The verdict on one message.
   *
   * @throws SpamFilterError when there is none, with the reason.
   */
  async check({ raw, envelope }: InboxMessage, signal: AbortSignal): Promise<ApiSpam> {
    const { ask, name } = entryOf(this.#address);
    const timeout = AbortSignal.timeout(this.#timeout);
    const given = AbortSignal.any([signal, this.#closed.signal]);
    try {
      return await ask(this.#address, { raw, envelope, signal: AbortSignal.any([timeout, given]) });
    } catch (error) {
      const { fault, reason } = given.aborted
        ? { fault: "cancelled" as const, reason: "the request was cancelled" }
        : timeout.aborted
          ? { fault: "timeout" as const, reason: `it did not reply within ${this.#timeout / 1000} s` }
          : explain(error);
      throw new SpamFilterError(
        fault,
        `${name} at ${this.#address.host} could not check the message: ${reason}.`,
        error,
      );
    }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closed.abort();
  }
}

function entryOf({ protocol }: URL): (typeof FILTERS)[string] {
  const entry = FILTERS[protocol];
  if (entry === undefined) throw new TypeError(`no spam filter has the protocol ${protocol}`);
  return entry;
}

function explain(error: unknown): Pick<SpamFilterError, "fault"> & { readonly reason: string } {
  if (error instanceof SpamFilterError) return { fault: error.fault, reason: error.message };
  // A name with several addresses has an error for each, and no words of its own.
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === "ECONNREFUSED") return { fault: "unreachable", reason: "the connection was refused" };
  const words = error instanceof Error && error.message !== "" ? error.message : (code ?? String(error));
  return { fault: "unreachable", reason: words };
}
