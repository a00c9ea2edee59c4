/**
 * Messages as the HTTP API says them.
 */
import type { InboxMessage } from "../message.js";
import type { ApiMessage, ApiSummary } from "./api-types.js";
import { htmlText } from "./html-text.js";
import { codeOf, linksOf } from "./links.js";
import { remoteContent } from "./remote-content.js";
import { tagsOf } from "./tags.js";

const SNIPPET_LENGTH = 160;
/** Cut before the spaces are: a megabyte of text is not folded for one line. */
const SNIPPET_SOURCE = 600;

/** @param words of a search: the snippet begins close to the first that the text has. */
export function messageSummary(message: InboxMessage, read: boolean, words: readonly string[] = []): ApiSummary {
  const { id, receivedAt, envelope, from, to, cc, bcc, subject, size, secure, username, parseError } = message;
  return {
    id,
    receivedAt: receivedAt.toISOString(),
    read,
    envelope,
    from,
    to,
    cc,
    bcc,
    subject,
    snippet: snippetOf(message, words),
    size,
    attachments: message.attachments.length,
    tags: tagsOf(message),
    secure,
    username,
    parseError,
  };
}

export function messageDetails(message: InboxMessage, read: boolean): ApiMessage {
  const path = `/api/messages/${message.id}`;
  const { addresses, loadable } = remoteContent(message.html ?? "");
  return {
    ...messageSummary(message, read),
    messageId: message.messageId,
    date: message.date?.toISOString(),
    headers: message.headers.fields,
    text: message.text,
    html: message.html,
    attachments: message.attachments.map(({ content, ...facts }, index) => ({
      ...facts,
      size: content.byteLength,
      url: `${path}/attachments/${index}`,
    })),
    remote: addresses,
    loadable,
    links: linksOf(message),
    code: codeOf(message),
    raw: `${path}.eml`,
  };
}

// PERF: a list has a thousand messages, and the words of HTML are not found for free.
const snippets = new WeakMap<InboxMessage, string>();

/** Characters in front of the word that was searched for. */
const BEFORE_WORD = 40;
/** PERF: the word is looked for in so much of the text. */
const MAX_SEARCHED = 20_000;

function snippetOf(message: InboxMessage, words: readonly string[]): string {
  const start = snippetStart(message);
  if (words.length === 0 || words.some((word) => start.toLowerCase().includes(word))) return start;
  const source = (message.text ?? htmlText(message.html ?? "")).slice(0, MAX_SEARCHED).replace(/\s+/g, " ");
  const found = words.map((word) => source.toLowerCase().indexOf(word)).find((at) => at !== -1);
  if (found === undefined) return start;
  const from = source.indexOf(" ", Math.max(0, found - BEFORE_WORD)) + 1;
  return `… ${source.slice(Math.min(from, found), found + SNIPPET_LENGTH)}`.trim();
}

function snippetStart(message: InboxMessage): string {
  const known = snippets.get(message);
  if (known !== undefined) return known;
  const source = message.text ?? htmlText(message.html ?? "");
  const snippet = source.slice(0, SNIPPET_SOURCE).replace(/\s+/g, " ").trim().slice(0, SNIPPET_LENGTH);
  snippets.set(message, snippet);
  return snippet;
}
