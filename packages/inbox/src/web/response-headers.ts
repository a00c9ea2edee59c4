/**
 * The headers that keep what is shown harmless, and those of files to save.
 */
import { Buffer } from "node:buffer";

/** On every answer. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  // SECURITY: no other site may embed what is here, not even as an image.
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // SECURITY: a name that is only looked up already tells the sender that the mail was opened.
  "X-DNS-Prefetch-Control": "off",
};

/** The inbox's own page: its own scripts and styles, frames of its own, and nothing from anywhere else. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Bytes to save, never to show: whatever type they claim, the browser does not run them here. */
export function downloadHeaders(contentType: string, filename: string): Record<string, string> {
  return {
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeFilename(filename)}`,
    "Content-Security-Policy": "sandbox; default-src 'none'",
  };
}

// RFC 8187 §3.2.1: what encodeURIComponent leaves bare and attr-char does not allow is encoded too. It throws at a lone
// surrogate, which the way through bytes turns into U+FFFD.
export function encodeFilename(name: string): string {
  return encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
