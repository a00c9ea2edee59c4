/**
 * The first page: the state of the transport, counts, what holds recipients up, and a list of messages.
 */
import { MESSAGE_STATES, type MessageState } from "../states.js";
import type { OutboxMessage, OutboxStats } from "../types.js";
import { button, type Html, html, stateWord, time } from "./html.js";

/** What the list shows, as the address says it. */
export interface Query {
  readonly state: MessageState | undefined;
  readonly recipient: string;
  readonly domain: string;
  readonly key: string;
  /** `name=value`. */
  readonly tag: string;
  /** Messages that were shown on pages before. */
  readonly skip: number;
}

export interface ListRow {
  readonly message: OutboxMessage;
  readonly subject: string | undefined;
}

export function overview(stats: OutboxStats, query: Query, rows: readonly ListRow[], isMore: boolean): Html {
  return html`${statusPart(stats)}${statesPart(stats, query)}${filterPart(query)}${listPart(query, rows, isMore)}<div class="columns">${domainsPart(stats)}${repliesPart(stats)}</div>`;
}

function statusPart({ paused, oldestDue }: OutboxStats): Html {
  const due = html`<span class="dim">${oldestDue === undefined ? "Nothing is due." : html`Oldest due: ${time(oldestDue)}`}</span>`;
  if (paused === undefined)
    return html`<div class="status"><span>Delivering.</span> ${due} ${button("pause", "", "Pause")}</div>`;
  const why = { person: "by a person", fault: "the transport failed", credentials: "the transport needs a person" };
  const probe = paused.until === undefined ? undefined : html` Next try: ${time(paused.until)}.`;
  return html`<div class="status"><span><span class="bad">Paused</span>, ${why[paused.kind]}, since ${time(paused.since)}. ${paused.reason}${probe}</span> ${due} ${button("resume", "", "Resume")}</div>`;
}

function statesPart({ messages }: OutboxStats, { state }: Query): Html {
  const one = (name: MessageState): Html =>
    html`<li><a href="?state=${name}"${name === state ? html` aria-current="page"` : undefined}><strong>${messages[name]}</strong>${name}</a></li>`;
  return html`<nav aria-label="Messages by state"><ul class="states">${MESSAGE_STATES.map(one)}</ul></nav>`;
}

function domainsPart({ domains }: OutboxStats): Html {
  if (domains.length === 0) return html``;
  const rows = domains.map(
    ({ domain, waiting, unknown }) =>
      html`<tr><th scope="row"><a href="?domain=${encodeURIComponent(domain)}">${domain}</a></th><td class="number">${waiting}</td><td class="number">${unknown}</td></tr>`,
  );
  return html`<section><h2>Recipients by domain</h2><div class="wide" tabindex="0" role="region" aria-label="Recipients by domain"><table><thead><tr><th scope="col">domain</th><th scope="col" class="number">waiting</th><th scope="col" class="number">unknown</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function repliesPart({ replies }: OutboxStats): Html {
  if (replies.length === 0) return html``;
  const rows = replies.map(
    ({ code, enhancedCode, state, recipients, example }) =>
      html`<tr><th scope="row">${code === 0 ? "no reply" : `${code} ${enhancedCode ?? ""}`}</th><td>${state}</td><td class="number">${recipients}</td><td>${withoutCode(example, enhancedCode)}</td></tr>`,
  );
  return html`<section><h2>Recipients by reply</h2><div class="wide" tabindex="0" role="region" aria-label="Recipients by reply"><table><thead><tr><th scope="col">reply</th><th scope="col">recipient</th><th scope="col" class="number">count</th><th scope="col">such as</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

/** The text of a reply may begin with the code that stands beside it. */
function withoutCode(text: string, enhancedCode: string | undefined): string {
  return enhancedCode !== undefined && text.startsWith(`${enhancedCode} `) ? text.slice(enhancedCode.length + 1) : text;
}

function filterPart({ state, recipient, domain, key, tag }: Query): Html {
  const options = ["", ...MESSAGE_STATES].map(
    (one) =>
      html`<option value="${one}"${one === (state ?? "") ? html` selected` : undefined}>${one === "" ? "any" : one}</option>`,
  );
  const field = (name: string, value: string, label: string): Html =>
    html`<label>${label}<input name="${name}" value="${value}"></label>`;
  const isOpen = recipient + domain + key + tag !== "" || state !== undefined ? html` open` : undefined;
  return html`<h2>Messages</h2><details${isOpen}><summary>Find</summary><form class="filter" method="get"><label>State<select name="state">${options}</select></label>${field("recipient", recipient, "Recipient")}${field("domain", domain, "Domain")}${field("key", key, "Key")}${field("tag", tag, "Tag (name=value)")}<button>Find</button></form></details>`;
}

function listPart(query: Query, rows: readonly ListRow[], isMore: boolean): Html {
  if (rows.length === 0) return html`<p class="dim">No message fits.</p>`;
  const older = isMore ? html`<p><a href="${address(query, query.skip + rows.length)}">Older</a></p>` : undefined;
  return html`<table class="list"><thead><tr><th scope="col">enqueued</th><th scope="col">subject</th><th scope="col">recipients</th><th scope="col">state</th><th scope="col">next attempt</th></tr></thead><tbody>${rows.map(listRow)}</tbody></table>${older}`;
}

/** Recipients that one row names. */
const SHOWN_RECIPIENTS = 3;

function listRow({ message, subject }: ListRow): Html {
  const { id, createdAt, state, recipients } = message;
  const named = recipients.slice(0, SHOWN_RECIPIENTS).map(({ address: one }) => one);
  const others = recipients.length - named.length;
  const next = recipients.find(({ nextAt }) => nextAt !== undefined)?.nextAt;
  return html`<tr><td>${time(createdAt)}</td><td><a href="?id=${id}">${subject === undefined || subject === "" ? "(no subject)" : subject}</a></td><td>${named.join(", ")}${others > 0 ? ` and ${others} more` : ""}</td><td>${stateWord(state)}</td><td>${next === undefined ? "" : time(next)}</td></tr>`;
}

function address({ state, recipient, domain, key, tag }: Query, skip: number): string {
  const given = { state: state ?? "", recipient, domain, key, tag, skip: String(skip) };
  return `?${new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""))}`;
}
