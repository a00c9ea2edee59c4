/**
 * Attachments in the browser: pictures, PDF, sound, film and text are shown; all else is saved.
 */
import type { InboxAttachment } from "../message.js";
import { encodeFilename } from "./response-headers.js";

const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|bmp|avif|svg\+xml|x-icon|vnd\.microsoft\.icon)|application\/pdf|audio\/(?:mpeg|mp4|ogg|wav|webm|aac|flac)|video\/(?:mp4|webm|ogg))$/;
const TEXT = /^(?:text\/[\w.+-]+|application\/(?:json|xml|yaml|x-ndjson)|message\/(?:delivery-status|rfc822-headers))$/;

// SECURITY: a document that can run scripts (SVG, and what a browser takes for HTML) has no origin here, and reaches nothing.
const SEALED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'";
// QUIRK: Chromium shows no PDF in a sandbox. Its viewer is a process of its own, and a PDF is no document of this origin.
const PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";

/** Headers to show an attachment with; undefined when it is only to be saved. */
export function viewHeaders({ contentType, filename }: InboxAttachment): Record<string, string> | undefined {
  const isText = TEXT.test(contentType);
  if (!isText && !SHOWN.test(contentType)) return undefined;
  return {
    // SECURITY: text is shown as text, whatever it is the source of.
    "Content-Type": isText ? "text/plain; charset=utf-8" : contentType,
    "Content-Disposition": `inline${filename === undefined ? "" : `; filename*=UTF-8''${encodeFilename(filename)}`}`,
    "Content-Security-Policy": contentType === "application/pdf" ? PDF : SEALED,
  };
}
