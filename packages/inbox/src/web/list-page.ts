/**
 * The list of messages, newest first.
 */
import type { InboxMessage } from "../message.js";
import { type Html, html } from "./html.js";
import { layout, shortName, size, time } from "./layout.js";

const PAGE_LENGTH = 100;
const SNIPPET_LENGTH = 140;

export function listPage(messages: readonly InboxMessage[], smtpPort: number, wanted: string | null): Html {
  const pages = Math.max(1, Math.ceil(messages.length / PAGE_LENGTH));
  const number = Math.min(pages, Math.max(1, Math.trunc(Number(wanted)) || 1));
  const newestFirst = messages.toReversed().slice((number - 1) * PAGE_LENGTH, number * PAGE_LENGTH);
  const bar = html`<h1><a href="/">Inbox</a></h1>
<span class="dim">${count(messages.length)} · SMTP on port ${smtpPort}</span>
<span class="actions"><a class="button" href="/">Reload</a>${messages.length === 0 ? undefined : DELETE_ALL}</span>`;
  const content =
    messages.length === 0
      ? empty(smtpPort)
      : html`<ol class="list">${newestFirst.map(row)}</ol>${paging(number, pages)}`;
  return layout(`Inbox (${messages.length})`, bar, content);
}

const DELETE_ALL = html`<form method="post" action="/delete-all"><button class="button">Delete all</button></form>`;

function count(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}

function row(message: InboxMessage): Html {
  const { envelope, attachments } = message;
  const recipients = envelope.recipients.slice(0, 3).join(", ");
  const more = envelope.recipients.length - 3;
  const files =
    attachments.length === 0
      ? undefined
      : html`<span class="tag">${attachments.length === 1 ? "1 file" : `${attachments.length} files`}</span>`;
  return html`<li><a class="row" href="/messages/${message.id}">
<bdi class="from">${shortName(message.from) === "" ? `<${envelope.sender}>` : shortName(message.from)}</bdi>
<span class="what"><bdi class="subject">${message.subject ?? "(no subject)"}</bdi> <bdi class="dim">${snippet(message.text)}</bdi></span>
<span class="to dim">to <bdi>${recipients}</bdi>${more > 0 ? ` and ${more} more` : ""}</span>
<span class="facts dim">${files}<span>${size(message.size)}</span>${time(message.receivedAt)}</span>
</a></li>
`;
}

function snippet(text: string | undefined): string {
  return (text ?? "").slice(0, SNIPPET_LENGTH).replace(/\s+/g, " ").trim();
}

function paging(number: number, pages: number): Html | undefined {
  if (pages === 1) return undefined;
  const newer = number > 1 ? html`<a class="button" href="/?page=${number - 1}">Newer</a>` : undefined;
  const older = number < pages ? html`<a class="button" href="/?page=${number + 1}">Older</a>` : undefined;
  return html`<nav class="paging" aria-label="Pages">${newer}<span class="dim">Page ${number} of ${pages}</span>${older}</nav>`;
}

function empty(smtpPort: number): Html {
  return html`<section class="empty">
<h2>Nothing here yet</h2>
<p>Send a first message to this inbox:</p>
<pre><code>import { send } from "postrider";

await send(
  { from: "me@example.com", to: "you@example.com", subject: "Hello", text: "It works." },
  { port: ${smtpPort} },
);</code></pre>
<p class="dim">Any program that sends mail to 127.0.0.1, port ${smtpPort}, will do. Nothing leaves this machine.</p>
</section>`;
}
