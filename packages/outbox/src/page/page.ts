/**
 * A page about the outbox for the people who run it: counts, what holds mail up, one message, and what can be done with it.
 *
 * SECURITY: it logs nobody in. Mount it behind the host's own login. It has no script and loads nothing; whatever it shows is escaped;
 * a form is taken from the page itself only.
 */
import { OptionError } from "postrider";
import { OutboxError } from "../errors.js";
import type { Outbox } from "../outbox.js";
import { isPlain } from "../rules.js";
import { MESSAGE_STATES } from "../states.js";
import type { OutboxMessage } from "../types.js";
import { type Html, html } from "./html.js";
import { messagePage } from "./message.js";
import { type ListRow, overview, type Query } from "./overview.js";
import { HEADERS, STYLE } from "./style.js";
import { HEADER_BYTES, subjectOf } from "./subject.js";

/** What the page shows. */
export interface OutboxPageOptions {
  /** Whether the source of messages is shown, with their bodies; default false. The subject is shown in any case. */
  readonly bodies?: boolean | undefined;
}

/**
 * A handler for the page, as `fetch` handlers are: Hono, Bun, Deno, Next.js and others call it with a Request. Mount it at any path,
 * behind your own login.
 *
 * @example
 * const page = outboxPage(outbox);
 * app.all("/admin/outbox", requireAdmin, (c) => page(c.req.raw));
 *
 * @throws OptionError
 */
export function outboxPage(outbox: Outbox, options: OutboxPageOptions = {}): (request: Request) => Promise<Response> {
  const bodies = checkOptions(options);
  if (typeof (outbox as { find?: unknown } | null | undefined)?.find !== "function")
    throw new OptionError("outbox", "must be what openOutbox() returns");
  return async (request) => {
    const response = await answer(outbox, request, bodies);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

function checkOptions(options: OutboxPageOptions): boolean {
  if (!isPlain(options)) throw new OptionError("options", "must be a plain object");
  for (const name of Object.keys(options))
    if (name !== "bodies") throw new OptionError(name, "is not an option; the only option is bodies");
  const { bodies = false } = options;
  if (typeof bodies !== "boolean") throw new OptionError("bodies", "must be true or false");
  return bodies;
}

async function answer(outbox: Outbox, request: Request, bodies: boolean): Promise<Response> {
  try {
    if (request.method === "POST") return await act(outbox, request);
    if (request.method !== "GET" && request.method !== "HEAD")
      return failure(405, "GET and POST.", { allow: "GET, HEAD, POST" });
    const parameters = new URL(request.url).searchParams;
    const id = parameters.get("id");
    if (id === null) return await list(outbox, queryOf(parameters));
    const message = await outbox.get(id);
    if (message === undefined) return failure(404, "There is no such message.");
    if (!parameters.has("source")) return await show(outbox, message, bodies, parameters.get("done"));
    return bodies ? await source(outbox, message) : failure(403, "This page shows no bodies.");
  } catch (error) {
    // The text of an error names what is wrong; other errors are the host's to report.
    if (!(error instanceof OutboxError) && !isInputError(error)) throw error;
    return failure((error instanceof OutboxError ? STATUS[error.code] : undefined) ?? 400, error.message);
  }
}

const STATUS: Readonly<Record<string, number>> = { database: 503, "disk-full": 503, closed: 503, "not-found": 404 };

const isInputError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && (error.code === "option" || error.code === "address");

/** Messages of one page of the list. */
const LIST_LENGTH = 50;
/** Older ones are found by a filter. */
const MAX_SKIP = 10_000;

function queryOf(parameters: URLSearchParams): Query {
  const text = (name: string): string => parameters.get(name)?.trim() ?? "";
  const state = MESSAGE_STATES.find((one) => one === text("state"));
  if (state === undefined && text("state") !== "")
    throw new OptionError("state", `must be one of ${MESSAGE_STATES.join(", ")}`);
  if (!/^\d{0,5}$/.test(text("skip"))) throw new OptionError("skip", "must be a number below 100000");
  return {
    state,
    recipient: text("recipient"),
    domain: text("domain"),
    key: text("key"),
    tag: text("tag"),
    skip: Math.min(MAX_SKIP, Number(text("skip"))),
  };
}

async function list(outbox: Outbox, query: Query): Promise<Response> {
  const given = (text: string): string | undefined => (text === "" ? undefined : text);
  const { state, tag, skip } = query;
  const equals = tag.indexOf("=");
  if (tag !== "" && equals < 1) throw new OptionError("tag", "must be a name and a value, such as order=7");
  const filter = {
    state,
    recipient: given(query.recipient),
    domain: given(query.domain),
    key: given(query.key),
    tag: tag === "" ? undefined : { [tag.slice(0, equals)]: tag.slice(equals + 1) },
    order: "newest",
  } as const;
  const found: OutboxMessage[] = [];
  let place = 0;
  for await (const message of outbox.find(filter)) {
    place += 1;
    if (place > skip) found.push(message);
    if (found.length > LIST_LENGTH) break;
  }
  const rows = await Promise.all(found.slice(0, LIST_LENGTH).map((message) => rowOf(outbox, message)));
  return respond(200, frame("", overview(await outbox.stats(), query, rows, found.length > LIST_LENGTH)));
}

async function rowOf(outbox: Outbox, message: OutboxMessage): Promise<ListRow> {
  const beginning = await beginningOf(outbox, message.id, HEADER_BYTES);
  return { message, subject: beginning && subjectOf(beginning) };
}

/** Undefined: the content was purged. */
async function beginningOf(outbox: Outbox, id: string, length: number): Promise<Uint8Array | undefined> {
  try {
    for await (const bytes of outbox.content(id, { length })) return bytes;
    return undefined;
  } catch (error) {
    if (error instanceof OutboxError && (error.code === "wrong-state" || error.code === "not-found")) return undefined;
    throw error;
  }
}

/** Bytes of the source that the page of a message shows. */
const SOURCE_BYTES = 65_536;

/** Events that the page of a message shows, oldest first. */
const MAX_EVENTS = 1000;

/** What an action could not do. */
const NOTES: Readonly<Record<string, string>> = {
  late: "Too late: the message is being sent or already has its outcome.",
};

async function show(outbox: Outbox, message: OutboxMessage, bodies: boolean, done: string | null): Promise<Response> {
  const { id } = message;
  const [history, beginning] = await Promise.all([
    outbox.history(id),
    beginningOf(outbox, id, bodies ? SOURCE_BYTES : HEADER_BYTES),
  ]);
  const events = history.slice(0, MAX_EVENTS);
  const subject = beginning && subjectOf(beginning);
  const shown = bodies && beginning !== undefined ? new TextDecoder().decode(beginning) : undefined;
  const note = done !== null && Object.hasOwn(NOTES, done) ? html`<p role="status">${NOTES[done]}</p>` : html``;
  return respond(200, frame(id, html`${note}${messagePage({ message, events, subject, source: shown })}`));
}

async function source(outbox: Outbox, { id }: OutboxMessage): Promise<Response> {
  // SECURITY: it is saved, and never shown by the browser: a message may be HTML.
  const headers = {
    ...HEADERS,
    "content-type": "message/rfc822",
    "content-disposition": `attachment; filename="${id}.eml"`,
    "content-security-policy": "default-src 'none'; sandbox",
  };
  const content = outbox.content(id);
  // Purged content is an answer of its own, so the first part is read before there is one.
  let next = await content.next();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (next.done === true) return controller.close();
      controller.enqueue(next.value);
      next = await content.next();
    },
    cancel: async () => void (await content.return()),
  });
  return new Response(body, { status: 200, headers });
}

/** What a form asks for; the text that is returned is a note of NOTES. */
const ACTIONS: Readonly<Record<string, (outbox: Outbox, id: string, recipient?: string) => Promise<unknown>>> = {
  retry: (outbox, id) => outbox.retry(id),
  cancel: async (outbox, id) => ((await outbox.cancel(id)) ? undefined : "late"),
  resend: (outbox, id, recipient) => outbox.resolve(id, "resend", recipient),
  sent: (outbox, id, recipient) => outbox.resolve(id, "sent", recipient),
  pause: (outbox) => outbox.pause("by the page of the outbox"),
  resume: (outbox) => outbox.resume(),
};

/** A form is a few words. */
const MAX_FORM_BYTES = 10_000;

/** SECURITY: the host may let a body of any length through. Undefined: it is no form of the page. */
async function readForm({ body }: Request): Promise<URLSearchParams | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // An early return cancels the stream.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

async function act(outbox: Outbox, request: Request): Promise<Response> {
  if (!isFromPage(request)) return failure(403, "This form is not of this page.");
  const form = await readForm(request);
  if (form === undefined) return failure(413, "This form is not of this page.");
  const [name, id] = [form.get("action") ?? "", form.get("id") ?? ""];
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) return failure(400, "There is no such action.");
  const note = await action(outbox, id, form.get("recipient") ?? undefined);
  // Relative to the page, wherever it is mounted.
  const place = id === "" ? "?" : `?id=${encodeURIComponent(id)}${typeof note === "string" ? `&done=${note}` : ""}`;
  return new Response(null, { status: 303, headers: { ...HEADERS, location: place } });
}

/**
 * SECURITY: another site can make a browser send a form with the person's cookies. Browsers say where a request comes from; what does
 * not say so is refused.
 */
function isFromPage({ headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  return origin !== null && origin === new URL(url).origin;
}

function failure(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return respond(status, frame("", html`<p class="bad">${text}</p><p><a href="?">All messages</a></p>`), headers);
}

function respond(status: number, page: Html, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(page.html, { status, headers: { ...HEADERS, ...headers } });
}

function frame(title: string, body: Html): Html {
  const style: Html = { html: `<style>${STYLE}</style>` };
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title === "" ? "Outbox" : `Outbox: ${title}`}</title>${style}</head><body><header><h1><a href="?">Outbox</a></h1></header><main>${body}</main></body></html>`;
}
