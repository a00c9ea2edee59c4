/**
 * An inbox in another process, over HTTP, for tests that start the program and the inbox apart: Playwright, Cypress, containers.
 */
import { InboxOptionError, InboxTimeoutError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { describeMessages } from "../store/describe-messages.js";
import { checkPredicate, type InboxPredicate, MAX_TIMEOUT_MS, timeoutOf, type WaitOptions } from "../store/waiters.js";
import type { ApiSummary } from "../web/api-types.js";
import { RemoteApi, remoteAddress } from "./remote-api.js";

/** Whose mail is seen, and the password of the inbox. */
export interface ConnectInboxOptions {
  /** Of the inbox; may also stand in the address, as in `http://:secret@inbox:8025`. Default: none. */
  readonly password?: string | undefined;
  /** Only messages to this recipient of the envelope, so that tests that run in parallel share an inbox. Default: all. */
  readonly recipient?: string | undefined;
  /** Only messages of this user of SMTP AUTH. Default: all. */
  readonly username?: string | undefined;
}

/** An inbox that runs elsewhere. */
export interface RemoteInbox extends AsyncDisposable {
  /** Address of the page, with a slash at its end. */
  readonly url: string;
  /** Where the inbox listens for mail, as it knows it itself: in a container not as others reach it. */
  readonly smtpPort: number;
  /** Where mail can be read from it by POP3, as it knows it itself; undefined without POP3. */
  readonly pop3Port: number | undefined;
  /**
   * All messages, oldest first.
   *
   * @throws InboxRequestError when the inbox does not answer.
   */
  fetchMessages(): Promise<readonly InboxMessage[]>;
  /**
   * The first message that fits, among those already there or those to come.
   *
   * @throws InboxTimeoutError after `timeout` milliseconds (default 3000), telling what did arrive; InboxRequestError;
   * InboxOptionError when `predicate` is no function; the reason of `signal`.
   */
  waitFor(predicate: (message: InboxMessage) => boolean, options?: WaitOptions): Promise<InboxMessage>;
  /** Deletes the messages; those of the recipient or user only, when there is one. */
  clear(): Promise<void>;
}

/**
 * Connects to an inbox that is running, such as `npx @postrider/inbox` or a container of it.
 *
 * @example
 * const inbox = await connectInbox("http://localhost:8025", { recipient: "ben+17@example.com" });
 * await assertSent(inbox, { subject: "Welcome" });
 *
 * @throws InboxOptionError for a bad address or option; InboxRequestError when no inbox answers there, or the password is wrong.
 */
export async function connectInbox(url: string | URL, options: ConnectInboxOptions = {}): Promise<RemoteInbox> {
  checkOptions(options);
  const { password, recipient, username } = options;
  const address = remoteAddress(url, password);
  const api = new RemoteApi(address);
  const { smtpPort, pop3Port } = await api.inbox();
  const scope = [
    ...(recipient === undefined ? [] : [`rcpt:"<${recipient}>"`]),
    ...(username === undefined ? [] : [`user:"${username}"`]),
  ].join(" ");
  return new HttpInbox(api, { url: address.url, smtpPort, pop3Port, scope });
}

class HttpInbox implements RemoteInbox {
  readonly url: string;
  readonly smtpPort: number;
  readonly pop3Port: number | undefined;
  readonly #api: RemoteApi;
  /** The search that all is about. */
  readonly #scope: string;

  constructor(
    api: RemoteApi,
    { url, smtpPort, pop3Port, scope }: Pick<RemoteInbox, "url" | "smtpPort" | "pop3Port"> & { readonly scope: string },
  ) {
    this.#api = api;
    this.url = url;
    this.smtpPort = smtpPort;
    this.pop3Port = pop3Port;
    this.#scope = scope;
  }

  async fetchMessages(): Promise<readonly InboxMessage[]> {
    return this.#parsed(await this.#api.list(this.#scope));
  }

  async waitFor(predicate: InboxPredicate, options: WaitOptions = {}): Promise<InboxMessage> {
    checkPredicate(predicate);
    const timeout = timeoutOf(options);
    options.signal?.throwIfAborted();
    const done = new AbortController();
    const timer = setTimeout(() => done.abort(new InboxTimeoutError(timeout, "")), Math.min(timeout, MAX_TIMEOUT_MS));
    const signal = options.signal === undefined ? done.signal : AbortSignal.any([done.signal, options.signal]);
    try {
      return await this.#firstThatFits(predicate, signal);
    } catch (error) {
      if (!(error instanceof InboxTimeoutError)) throw error;
      throw new InboxTimeoutError(timeout, describeMessages(await this.fetchMessages()));
    } finally {
      clearTimeout(timer);
      // Ends the stream of events.
      done.abort();
    }
  }

  async clear(): Promise<void> {
    const found = await this.#api.list(this.#scope);
    if (found.length > 0) await this.#api.remove(found.map(({ id }) => id));
  }

  /** Nothing is open between calls; for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {}

  async #firstThatFits(predicate: InboxPredicate, signal: AbortSignal): Promise<InboxMessage> {
    const tried = new Set<string>();
    // A message may come between the list and the stream: the stream first, and the list whenever something has changed.
    for await (const { name } of this.#api.events(signal)) {
      if (name !== "hello" && name !== "added" && name !== "resync") continue;
      const found = await this.#firstOf(await this.#api.list(this.#scope, signal), { predicate, tried, signal });
      if (found !== undefined) return found;
    }
    signal.throwIfAborted();
    throw new InboxTimeoutError(0, "The inbox has closed its event stream.");
  }

  async #firstOf(
    summaries: readonly ApiSummary[],
    { predicate, tried, signal }: { predicate: InboxPredicate; tried: Set<string>; signal: AbortSignal },
  ): Promise<InboxMessage | undefined> {
    for (const summary of summaries) {
      if (tried.has(summary.id)) continue;
      tried.add(summary.id);
      const message = await this.#api.message(summary, signal);
      if (message !== undefined && predicate(message)) return message;
    }
    return undefined;
  }

  async #parsed(summaries: readonly ApiSummary[]): Promise<readonly InboxMessage[]> {
    const messages: InboxMessage[] = [];
    for (const summary of summaries) {
      const message = await this.#api.message(summary);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }
}

const OPTIONS: readonly string[] = ["password", "recipient", "username"];

function checkOptions(options: ConnectInboxOptions): void {
  if (typeof options !== "object" || options === null) throw new InboxOptionError("options", "must be an object");
  for (const [name, value] of Object.entries(options)) {
    if (!OPTIONS.includes(name)) throw new InboxOptionError(name, `is not an option; there are ${OPTIONS.join(", ")}`);
    if (value !== undefined && (typeof value !== "string" || value === "" || value.includes('"')))
      throw new InboxOptionError(name, 'must be a string that is not empty, without "');
  }
}
