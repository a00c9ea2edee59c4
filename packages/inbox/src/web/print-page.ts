/**
 * A message on paper: who wrote to whom and when, then the HTML or the text; the browser's print dialogue opens by itself.
 */
import { randomBytes } from "node:crypto";
import type { InboxMessage } from "../message.js";
import { frameContent } from "./message-frame.js";

/** A document and the policy that it must be shown with. */
export interface PrintPage {
  readonly content: string;
  readonly policy: string;
}

const STYLE =
  "font:14px/1.5 system-ui,sans-serif;color:#000;background:#fff;margin:0 0 16px;padding:0 0 12px;border-bottom:1px solid #999;text-align:left";

export function printPage(message: InboxMessage): PrintPage {
  const nonce = randomBytes(16).toString("base64url");
  // SECURITY: the one script stands in front of all that the sender wrote, which therefore cannot swallow its nonce.
  const script = `<script nonce="${nonce}">addEventListener("load", () => print());</script>`;
  const { from, to, cc, subject = "(no subject)", date, receivedAt } = message;
  const rows: readonly (readonly [label: string, value: string])[] = [
    ["From", from === undefined ? "" : shown(from)],
    ["To", to.map(shown).join(", ")],
    ["Cc", cc.map(shown).join(", ")],
    ["Date", (date ?? receivedAt).toUTCString()],
  ];
  const facts = rows
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `<div><b>${label}:</b> ${escaped(value)}</div>`)
    .join("");
  const head = `<div style="${STYLE}"><h1 style="font-size:20px;margin:0 0 8px">${escaped(subject)}</h1>${facts}</div>`;
  const body =
    message.html === undefined
      ? `<pre style="font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap">${escaped(message.text ?? "")}</pre>`
      : frameContent(message);
  return {
    content: `<!doctype html><meta charset="utf-8"><title>${escaped(subject)}</title>${script}${head}${body}`,
    policy: [
      // No origin, no forms, no way out; scripts only by the nonce of this answer.
      "sandbox allow-modals allow-scripts",
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      "style-src 'unsafe-inline'",
      "img-src data:",
      "font-src data:",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}

function shown({ name, address }: { readonly name: string; readonly address: string }): string {
  return name === "" ? address : `${name} <${address}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
