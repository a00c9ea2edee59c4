/**
 * The inbox: an SMTP server that keeps what it gets, for development and tests.
 */
import type { InboxMessage } from "./message.js";
import { checkOptions, type InboxOptions, type InboxSettings } from "./options.js";
import { type Delivery, parseMessage } from "./parse-message.js";
import { type SmtpSide, startSmtpSide } from "./smtp/smtp-side.js";
import { MessageStore } from "./store/message-store.js";
import type { InboxPredicate, WaitOptions } from "./store/waiters.js";
import type { ApiInbox } from "./web/api-types.js";
import { startWebSide, type WebSide } from "./web/web-side.js";

/** A running inbox. */
export interface Inbox extends AsyncDisposable {
  readonly smtpPort: number;
  /** Undefined without a page. */
  readonly webPort: number | undefined;
  /** Address of the page; undefined without one. */
  readonly url: string | undefined;
  readonly socketPath: string | undefined;
  /** What has arrived and was not dropped or cleared, oldest first. */
  readonly messages: readonly InboxMessage[];
  /**
   * The first message that fits, among those already there or those to come.
   *
   * @throws InboxTimeoutError after `timeout` milliseconds (default 5000), telling what did arrive; InboxClosedError;
   * the reason of `signal`.
   */
  waitFor(predicate: (message: InboxMessage) => boolean, options?: WaitOptions): Promise<InboxMessage>;
  /** Forgets all messages. */
  clear(): void;
  /** Ends every connection and frees the ports. What has arrived stays readable. */
  close(): Promise<void>;
}

/**
 * Starts an inbox on loopback. It takes every message and sends none on.
 *
 * @example
 * await using inbox = await startInbox({ smtpPort: 0, webPort: false });
 * // ... the program under test sends mail to 127.0.0.1, port inbox.smtpPort
 * const message = await inbox.waitFor((m) => m.subject === "Welcome");
 *
 * @throws InboxOptionError for a bad option, InboxListenError when a port or path cannot be had.
 */
export async function startInbox(options: InboxOptions = {}): Promise<Inbox> {
  const settings = checkOptions(options);
  const store = new MessageStore(settings);
  const smtp = await startSmtpSide(settings, inOrder(store));
  try {
    const web =
      settings.webPort === false
        ? undefined
        : await startWebSide(settings.host, settings.webPort, {
            store,
            dkimKeys: settings.dkimKeys,
            inbox: factsOf(settings, smtp.port),
          });
    return new RunningInbox({ settings, store, smtp, web });
  } catch (error) {
    await smtp.close();
    throw error;
  }
}

interface Parts {
  readonly settings: InboxSettings;
  readonly store: MessageStore;
  readonly smtp: SmtpSide;
  readonly web: WebSide | undefined;
}

class RunningInbox implements Inbox {
  readonly smtpPort: number;
  readonly webPort: number | undefined;
  readonly url: string | undefined;
  readonly socketPath: string | undefined;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.smtpPort = parts.smtp.port;
    this.webPort = parts.web?.port;
    this.url = parts.web?.url;
    this.socketPath = parts.settings.socketPath;
  }

  get messages(): readonly InboxMessage[] {
    return this.#parts.store.messages;
  }

  waitFor(predicate: InboxPredicate, options?: WaitOptions): Promise<InboxMessage> {
    return this.#parts.store.waitFor(predicate, options);
  }

  clear(): void {
    this.#parts.store.clear();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { store, smtp, web } = this.#parts;
    store.close();
    await Promise.all([smtp.close(), web?.close()]);
  }
}

function factsOf({ host, tls, auth }: InboxSettings, smtpPort: number): ApiInbox {
  return {
    host,
    smtpPort,
    protocol: "smtp",
    tls: tls?.mode ?? "none",
    auth: auth === undefined ? "none" : auth === "any" ? "any" : "required",
  };
}

/** Parses one message after the other, so that a large one is not overtaken by a small one that came later. */
function inOrder(store: MessageStore): (delivery: Delivery) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (delivery) => {
    last = last.then(async () => store.add(await parseMessage(delivery)));
    return last;
  };
}
