/**
 * Answers of the web side, as values, and the headers that keep what is shown harmless.
 */
import { Buffer } from "node:buffer";
import type { Html } from "./html.js";

export interface WebResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** On every answer. */
const COMMON = {
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  // SECURITY: no other site may embed what is here, not even as an image.
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // SECURITY: a name that is only looked up already tells the sender that the mail was opened.
  "X-DNS-Prefetch-Control": "off",
} as const;

/** The inbox's own pages: its own style sheet, frames of its own, no scripts at all. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** What a message brings: no scripts, no forms, no origin, nothing from anywhere; images only from within the message. */
const CONTENT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

export function page(content: Html, status = 200): WebResponse {
  return respond(status, "text/html; charset=utf-8", content.text, { "Content-Security-Policy": PAGE_POLICY });
}

/** HTML of a message, for the sandboxed frame. */
export function foreignHtml(content: string): WebResponse {
  return respond(200, "text/html; charset=utf-8", content, { "Content-Security-Policy": CONTENT_POLICY });
}

export function json(value: unknown, status = 200): WebResponse {
  return respond(status, "application/json; charset=utf-8", JSON.stringify(value));
}

export function text(status: number, content: string, headers: Readonly<Record<string, string>> = {}): WebResponse {
  return respond(status, "text/plain; charset=utf-8", content, headers);
}

export function styleSheet(content: string): WebResponse {
  return respond(200, "text/css; charset=utf-8", content);
}

/** Bytes to save, never to show: whatever type they claim, the browser does not run them here. */
export function download(contentType: string, filename: string, content: Uint8Array): WebResponse {
  return respond(200, contentType, content, {
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeFilename(filename)}`,
    "Content-Security-Policy": CONTENT_POLICY,
  });
}

export function seeOther(location: string): WebResponse {
  return respond(303, "text/plain; charset=utf-8", "", { Location: location });
}

function respond(
  status: number,
  contentType: string,
  body: string | Uint8Array,
  extra: Readonly<Record<string, string>> = {},
): WebResponse {
  return { status, headers: { "Content-Type": contentType, ...COMMON, ...extra }, body };
}

// RFC 8187 §3.2.1: what encodeURIComponent leaves bare and attr-char does not allow is encoded too. It throws at a lone
// surrogate, which the way through bytes turns into U+FFFD.
function encodeFilename(name: string): string {
  return encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
