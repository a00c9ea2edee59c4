/**
 * One message: its header, and its HTML, text, headers or source.
 */
import { Buffer } from "node:buffer";
import type { InboxAttachment, InboxMessage } from "../message.js";
import { type Html, html } from "./html.js";
import { address, joined, layout, size, time } from "./layout.js";

/** More text than this on one page makes browsers slow; all of it is in the .eml file. */
const MAX_SHOWN_BYTES = 1024 * 1024;

type View = "html" | "text" | "headers" | "source";

export function messagePage(message: InboxMessage, wanted: string | null): Html {
  const views = viewsOf(message);
  const view = views.find((name) => name === wanted) ?? views[0] ?? "source";
  const bar = html`<h1><a href="/">← Inbox</a></h1><span class="actions"><a class="button" href="/api/messages/${message.id}.eml">Download .eml</a></span>`;
  const tabs = views.map(
    (name) =>
      html`<a href="/messages/${message.id}?view=${name}"${name === view ? html` aria-current="page"` : undefined}>${LABELS[name]}</a>`,
  );
  return layout(
    message.subject ?? "(no subject)",
    bar,
    html`<article>
<h2><bdi>${message.subject ?? "(no subject)"}</bdi></h2>
<dl>${facts(message)}</dl>
${attachments(message)}
<nav class="tabs" aria-label="Views">${tabs}</nav>
${SHOW[view](message)}
</article>`,
  );
}

const LABELS: Readonly<Record<View, string>> = { html: "HTML", text: "Text", headers: "Headers", source: "Source" };

const SHOW: Readonly<Record<View, (message: InboxMessage) => Html>> = {
  // SECURITY: no permission at all in `sandbox`: no scripts, no forms, no origin, no way to navigate the page around it.
  html: (
    message,
  ) => html`<iframe sandbox referrerpolicy="no-referrer" title="The message as HTML" src="/messages/${message.id}/html"></iframe>
<p class="dim note">Scripts and remote content are blocked.</p>`,
  text: (message) => html`<pre class="text" dir="auto">${cut(message.text ?? "")}</pre>`,
  headers: (message) =>
    html`<table class="headers">${[...message.headers].map(({ name, value }) => html`<tr><th scope="row">${name}</th><td dir="auto">${value}</td></tr>`)}</table>`,
  source: (message) => html`<pre class="source">${source(message)}</pre>`,
};

function viewsOf(message: InboxMessage): readonly View[] {
  const views: View[] = [];
  if (message.html !== undefined) views.push("html");
  if (message.text !== undefined) views.push("text");
  if (message.headers.fields.length > 0) views.push("headers");
  views.push("source");
  return views;
}

function facts(message: InboxMessage): readonly Html[] {
  const { envelope, from, to, cc, username, secure, receivedAt, parseError } = message;
  const recipients = envelope.recipients.map((recipient) => html`<bdi>&lt;${recipient}&gt;</bdi>`);
  const login = username === undefined ? "" : `, logged in as ${username}`;
  return [
    fact("From", from === undefined ? undefined : address(from)),
    fact("To", to.length === 0 ? undefined : html`${joined(to.map(address))}`),
    fact("Cc", cc.length === 0 ? undefined : html`${joined(cc.map(address))}`),
    fact("Envelope", html`<bdi>&lt;${envelope.sender}&gt;</bdi> to ${joined(recipients)}`),
    fact(
      "Received",
      html`${time(receivedAt)}, ${size(message.size)}, ${secure ? "over TLS" : "in clear text"}${login}`,
    ),
    fact("Problem", parseError === undefined ? undefined : html`The content could not be parsed: ${parseError}`),
  ];
}

function fact(label: string, value: Html | undefined): Html {
  return value === undefined ? html`` : html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

function attachments(message: InboxMessage): Html | undefined {
  if (message.attachments.length === 0) return undefined;
  const item = ({ filename, contentType, content }: InboxAttachment, index: number): Html =>
    html`<li><a href="/api/messages/${message.id}/attachments/${index}" download><bdi>${filename ?? "(no name)"}</bdi></a> <span class="dim">${contentType}, ${size(content.byteLength)}</span></li>`;
  return html`<ul class="attachments" aria-label="Attachments">${message.attachments.map(item)}</ul>`;
}

function source({ raw, size: length }: InboxMessage): string {
  const shown = Buffer.from(raw.buffer, raw.byteOffset, Math.min(length, MAX_SHOWN_BYTES)).toString();
  return length > MAX_SHOWN_BYTES ? `${shown}\n[... ${size(length - MAX_SHOWN_BYTES)} more in the .eml file]` : shown;
}

function cut(text: string): string {
  return text.length > MAX_SHOWN_BYTES ? `${text.slice(0, MAX_SHOWN_BYTES)}\n[... more in the .eml file]` : text;
}
