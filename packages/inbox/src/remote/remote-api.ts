/**
 * The HTTP API of an inbox that runs elsewhere, as functions: messages are fetched as bytes and parsed here, so that they are what
 * an inbox in the same program has.
 */
import { InboxOptionError, InboxRequestError } from "../errors.js";
import type { InboxMessage } from "../message.js";
import { parseMessage } from "../parse-message.js";
import type { ApiInbox, ApiList, ApiSummary } from "../web/api-types.js";
import { type ServerEvent, serverEvents } from "./server-events.js";

const PAGE_LENGTH = 1000;

export interface RemoteAddress {
  /** Ends with a slash, has neither user nor password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws InboxOptionError for what is no http address. */
export function remoteAddress(url: string | URL, password: string | undefined): RemoteAddress {
  const text = String(url);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InboxOptionError("url", 'must be the URL of an inbox, such as "http://localhost:8025"');
  const parsed = new URL(text);
  const secret = password ?? decodeURIComponent(parsed.password);
  parsed.username = "";
  parsed.password = "";
  const end = parsed.pathname.endsWith("/") ? "" : "/";
  return {
    url: `${parsed.origin}${parsed.pathname}${end}`,
    headers: secret === "" ? {} : { Authorization: `Basic ${Buffer.from(`:${secret}`).toString("base64")}` },
  };
}

interface Question {
  readonly method?: "DELETE";
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export class RemoteApi {
  readonly #address: RemoteAddress;
  /** What was fetched once: messages do not change. */
  readonly #known = new Map<string, Promise<InboxMessage>>();

  constructor(address: RemoteAddress) {
    this.#address = address;
  }

  async inbox(signal?: AbortSignal): Promise<ApiInbox> {
    return (await this.#ask("api/inbox", { signal })).json() as Promise<ApiInbox>;
  }

  /** All that fit the search, oldest first. */
  async list(query: string, signal?: AbortSignal): Promise<readonly ApiSummary[]> {
    const found: ApiSummary[] = [];
    let before: string | undefined;
    do {
      const parameters = new URLSearchParams({ q: query, limit: String(PAGE_LENGTH) });
      if (before !== undefined) parameters.set("before", before);
      const page = (await (await this.#ask(`api/messages?${parameters}`, { signal })).json()) as ApiList;
      found.push(...page.messages);
      before = page.next;
    } while (before !== undefined);
    return found.reverse();
  }

  /** Undefined when it has gone in the meantime. */
  async message(summary: ApiSummary, signal?: AbortSignal): Promise<InboxMessage | undefined> {
    const known = this.#known.get(summary.id) ?? this.#fetch(summary, signal);
    this.#known.set(summary.id, known);
    try {
      return await known;
    } catch (error) {
      this.#known.delete(summary.id);
      if (error instanceof InboxRequestError && error.status === 404) return undefined;
      throw error;
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#ask("api/messages", { method: "DELETE", body: JSON.stringify({ ids }) });
  }

  async *events(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const { body } = await this.#ask("api/events", { signal });
    if (body !== null) yield* serverEvents(body);
  }

  async #fetch(
    { id, receivedAt, envelope, secure, username }: ApiSummary,
    signal?: AbortSignal,
  ): Promise<InboxMessage> {
    const response = await this.#ask(`api/messages/${id}.eml`, { signal });
    const raw = new Uint8Array(await response.arrayBuffer());
    return parseMessage({ id, receivedAt: new Date(receivedAt), envelope, raw, secure, username });
  }

  async #ask(path: string, options: Question): Promise<Response> {
    const { url, headers } = this.#address;
    const { signal, ...others } = options;
    let response: Response;
    try {
      response = await fetch(url + path, { ...others, headers, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw new InboxRequestError(url, undefined, "the inbox cannot be reached", error);
    }
    if (response.ok) return response;
    const text = await response.text();
    throw new InboxRequestError(url, response.status, reasonOf(text));
  }
}

/** The words of the API's error, or what the guard says. */
function reasonOf(text: string): string {
  try {
    const { error } = JSON.parse(text);
    return String(error);
  } catch {
    return text.slice(0, 300);
  }
}
