/**
 * What composing needs to know of a part: its headers, its content, and what was made up for it once.
 *
 * Layer: message. RFC 2045 §2.4 (entity).
 */
import type { MessageHeaders } from "./header/headers.js";

/** A part or a whole message, as the composer sees it. */
export interface Entity {
  readonly headers: MessageHeaders;
  /** @internal */
  readonly content: PartContent;
  /** @internal */
  readonly generated: GeneratedFields;
}

/** Fields that a message lacked when it was first composed: kept, so that every later time gives the same. */
export interface GeneratedFields {
  date: string | undefined;
  messageId: string | undefined;
}

/** Content of a part. `field` names it in errors. */
export type PartContent<Part extends Entity = Entity> =
  | { readonly kind: "none" }
  /** Lines of text, written in the charset of Content-Type; line ends become CRLF. */
  | {
      readonly kind: "text";
      readonly text: string;
      readonly field: string;
      /** Makes `text`, which cannot be read before. */
      readonly settle?: (() => Promise<void>) | undefined;
    }
  /** Bytes that must come out as they went in. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly field: string }
  | ({ readonly kind: "source" } & ContentSource)
  | { readonly kind: "parts"; readonly parts: Part[]; readonly boundary: string }
  /** A message inside a message (RFC 2046 §5.2.1). */
  | { readonly kind: "message"; readonly message: Entity; readonly field: string };

/** Bytes that are read when they are needed. */
export interface ContentSource {
  readonly field: string;
  /**
   * Opens the content for one reading.
   *
   * @throws MessageError when it has been read and cannot be opened again.
   */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** False for a stream that serves once. */
  readonly isRepeatable: boolean;
  /** Bytes that a reading gives, when that is known beforehand; asks anew each time. */
  readonly size: () => number | undefined;
}
