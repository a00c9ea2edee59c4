/**
 * A page about the outbox for the people who run it: counts, what failed, one message, and what can be done with it.
 *
 * SECURITY: it logs nobody in. Mount it behind the host's own login. It has no script and loads nothing; whatever it shows is escaped;
 * a form is taken from the page itself only.
 */
import { createHash } from "node:crypto";
import { OutboxError } from "./errors.js";
import type { Outbox } from "./outbox.js";
import { MESSAGE_STATES, type MessageState } from "./states.js";
import type { OutboxMessage, OutboxStats } from "./types.js";

/**
 * A handler for the page, as `fetch` handlers are: Hono, Bun, Deno, Next.js and others call it with a Request. Mount it at any path,
 * behind your own login.
 *
 * @example
 * const page = outboxPage(outbox);
 * app.all("/admin/outbox", requireAdmin, (c) => page(c.req.raw));
 */
export function outboxPage(outbox: Outbox): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      if (request.method === "POST") return await act(outbox, request);
      if (request.method !== "GET" && request.method !== "HEAD")
        return respond(405, frame("", html`<p>GET and POST.</p>`));
      return await show(outbox, new URL(request.url).searchParams);
    } catch (error) {
      // The text of an error names what is wrong; other errors are the host's to report.
      if (!(error instanceof OutboxError) && !isOptionError(error)) throw error;
      const status = error instanceof OutboxError && error.code === "database" ? 503 : 400;
      return respond(status, frame("", html`<p class="error">${error.message}</p>`));
    }
  };
}

const isOptionError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && (error.code === "option" || error.code === "address");

/** Messages of one page of the list. */
const LIST_LENGTH = 100;

async function show(outbox: Outbox, query: URLSearchParams): Promise<Response> {
  const id = query.get("id");
  if (id !== null) {
    const message = await outbox.get(id);
    if (message === undefined) return respond(404, frame("", html`<p class="error">There is no such message.</p>`));
    return respond(200, frame(id, messagePart(message)));
  }
  const state = MESSAGE_STATES.find((one) => one === query.get("state"));
  const recipient = query.get("recipient") ?? "";
  const found: OutboxMessage[] = [];
  if (state !== undefined || recipient !== "") {
    for await (const message of outbox.find({ state, recipient: recipient === "" ? undefined : recipient })) {
      found.push(message);
      if (found.length === LIST_LENGTH) break;
    }
  }
  const stats = await outbox.stats();
  return respond(
    200,
    frame("", html`${statsPart(stats, state)}${searchPart(recipient)}${listPart(found, state, recipient)}`),
  );
}

const ACTIONS: Readonly<Record<string, (outbox: Outbox, id: string) => Promise<unknown>>> = {
  retry: (outbox, id) => outbox.retry(id),
  cancel: (outbox, id) => outbox.cancel(id),
  resend: (outbox, id) => outbox.resolve(id, "resend"),
  sent: (outbox, id) => outbox.resolve(id, "sent"),
  pause: (outbox) => outbox.pause("by the page of the outbox"),
  resume: (outbox) => outbox.resume(),
};

/** A form is a few words. */
const MAX_FORM_LENGTH = 10_000;

async function act(outbox: Outbox, request: Request): Promise<Response> {
  if (!isFromPage(request)) return respond(403, frame("", html`<p class="error">This form is not of this page.</p>`));
  const text = await request.text();
  const form = new URLSearchParams(text.length > MAX_FORM_LENGTH ? "" : text);
  const [name, id] = [form.get("action") ?? "", form.get("id") ?? ""];
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) return respond(400, frame("", html`<p class="error">There is no such action.</p>`));
  await action(outbox, id);
  // Relative to the page, wherever it is mounted.
  return new Response(null, {
    status: 303,
    headers: { ...HEADERS, location: id === "" ? "?" : `?id=${encodeURIComponent(id)}` },
  });
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

/** Text that is HTML already. */
interface Html {
  readonly html: string;
}

type Piece = string | number | Html | readonly Html[];

/** SECURITY: every value is escaped but what this function made. */
function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: texts.reduce((all, text, index) => `${all}${rendered(pieces[index - 1] ?? "")}${text}`) };
}

function rendered(piece: Piece): string {
  if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
  return "html" in piece ? piece.html : piece.map((one) => one.html).join("");
}

/** Controls and characters that turn the direction of text are shown by their numbers. */
function escaped(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
  return visible.replace(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`);
}

const STYLE =
  "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}form{display:inline-block;margin:.3rem .3rem .3rem 0}.error{color:#b00020}:root{color-scheme:light dark}@media(prefers-color-scheme:dark){.error{color:#ff8a80}}";

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  // The forms need their origin; the address of a message goes to nobody.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
} as const;

function respond(status: number, page: Html): Response {
  return new Response(page.html, { status, headers: HEADERS });
}

function frame(title: string, body: Html): Html {
  const style: Html = { html: `<style>${STYLE}</style>` };
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title === "" ? "Outbox" : `Outbox: ${title}`}</title>${style}</head><body><main><h1><a href="?">Outbox</a></h1>${body}</main></body></html>`;
}

function statsPart({ messages, oldestDue, paused, domains }: OutboxStats, chosen: MessageState | undefined): Html {
  const rows = MESSAGE_STATES.map(
    (state) =>
      html`<tr><th scope="row"><a href="?state=${state}"${state === chosen ? html` aria-current="page"` : ""}>${state}</a></th><td>${messages[state]}</td></tr>`,
  );
  const pause =
    paused === undefined
      ? html`<p>The transport works.${button("pause", "", "Pause")}</p>`
      : html`<p class="error">Paused (${paused.kind}) since ${paused.since.toISOString()}: ${paused.reason ?? ""} ${button("resume", "", "Resume")}</p>`;
  const byDomain = domains.map(
    ({ domain, waiting, unknown }) =>
      html`<tr><th scope="row">${domain}</th><td>${waiting}</td><td>${unknown}</td></tr>`,
  );
  return html`${pause}<p>Oldest due: ${oldestDue?.toISOString() ?? "none"}</p><table><caption>Messages by state</caption>${rows}</table><h2>Recipients that wait, by domain</h2><table><tr><th scope="col">domain</th><th scope="col">waiting</th><th scope="col">unknown</th></tr>${byDomain}</table>`;
}

function searchPart(recipient: string): Html {
  return html`<h2>Messages</h2><form method="get"><label>Recipient <input name="recipient" value="${recipient}"></label> <button>Find</button></form>`;
}

function listPart(found: readonly OutboxMessage[], state: MessageState | undefined, recipient: string): Html {
  if (state === undefined && recipient === "") return html`<p>Choose a state, or find a recipient.</p>`;
  const rows = found.map(
    ({ id, createdAt, state: own, recipients }) =>
      html`<tr><td><a href="?id=${id}">${id}</a></td><td>${createdAt.toISOString()}</td><td>${own}</td><td>${recipients
        .map(({ address }) => address)
        .slice(0, 5)
        .join(", ")}</td></tr>`,
  );
  const more = found.length === LIST_LENGTH ? html`<p>The oldest ${LIST_LENGTH} are shown.</p>` : html``;
  return html`<table><tr><th scope="col">id</th><th scope="col">enqueued</th><th scope="col">state</th><th scope="col">recipients</th></tr>${rows}</table>${more}`;
}

function messagePart(message: OutboxMessage): Html {
  const { id, key, messageId, state, sender, recipients, attempt, createdAt, dueAt, expiresAt, size, tags } = message;
  const facts: readonly (readonly [string, string])[] = [
    ["state", state],
    ["sender", sender === "" ? "<>" : sender],
    ["Message-ID", messageId],
    ["key", key ?? ""],
    ["enqueued", createdAt.toISOString()],
    ["due", dueAt?.toISOString() ?? ""],
    ["expires", expiresAt.toISOString()],
    ["attempts", String(attempt)],
    ["size", `${size} bytes`],
    ...Object.entries(tags).map(([name, value]) => [`tag ${name}`, value] as const),
  ];
  const rows = recipients.map(
    ({ address, state: own, attempts, reply }) =>
      html`<tr><th scope="row">${address}</th><td>${own}</td><td>${attempts}</td><td>${reply === undefined ? "" : `${reply.code === 0 ? "" : reply.code} ${reply.message}`}</td></tr>`,
  );
  return html`<h2>${id}</h2><table>${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table><h2>Recipients</h2><table><tr><th scope="col">address</th><th scope="col">state</th><th scope="col">attempts</th><th scope="col">last reply</th></tr>${rows}</table>${actionsOf(message)}`;
}

function actionsOf({ id, state, recipients }: OutboxMessage): Html {
  const has = (...states: readonly string[]): boolean => recipients.some((one) => states.includes(one.state));
  const buttons = [
    ...(state !== "sending" && has("waiting", "refused", "expired", "suppressed")
      ? [button("retry", id, "Send now")]
      : []),
    ...(state === "waiting" ? [button("cancel", id, "Cancel")] : []),
    ...(has("unknown")
      ? [button("resend", id, "Unknown: send again"), button("sent", id, "Unknown: it was sent")]
      : []),
  ];
  return html`<p>${buttons}</p>`;
}

function button(action: string, id: string, label: string): Html {
  return html`<form method="post"><input type="hidden" name="action" value="${action}"><input type="hidden" name="id" value="${id}"><button>${label}</button></form>`;
}
