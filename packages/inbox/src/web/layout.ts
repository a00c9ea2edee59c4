/**
 * The frame of every page, and how values read on it.
 */
import type { InboxAddress } from "../message.js";
import { type Html, html } from "./html.js";

export function layout(title: string, bar: Html, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="bar">${bar}</header>
<main>${content}</main>
</body>
</html>
`;
}

/** Isolated, so that right-to-left marks in a name cannot turn the rest of the line around. */
export function address({ name, address: mailbox }: InboxAddress): Html {
  return name === "" ? html`<bdi>${mailbox}</bdi>` : html`<bdi>${name}</bdi> <bdi class="dim">&lt;${mailbox}&gt;</bdi>`;
}

/** The name of a mailbox, or what stands for it. */
export function shortName(mailbox: InboxAddress | undefined): string {
  if (mailbox === undefined) return "";
  return mailbox.name === "" ? mailbox.address : mailbox.name;
}

export function joined(items: readonly Html[]): readonly Html[] {
  return items.map((item, index) => (index === 0 ? item : html`, ${item}`));
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Time of this machine; the whole date for another day than today. */
export function time(date: Date): Html {
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const today = date.toDateString() === new Date().toDateString();
  return html`<time datetime="${date.toISOString()}" title="${day} ${clock}">${today ? clock : `${day} ${clock.slice(0, 5)}`}</time>`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
