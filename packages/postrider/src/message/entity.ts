/**
 * What composing needs to know of a part: its headers, its content, and what was made up for it once.
 *
 * Layer: message. RFC 2045 §2.4 (entity).
 */
import { MessageError } from "../errors.js";
import { isObject } from "../given.js";
import type { Reading } from "../producer.js";
import type { MessageHeaders } from "./header/headers.js";

/**
 * Marks parts and messages. Two copies of the package in one process share the registry of symbols, so a message of one can be sent by
 * the other.
 */
export const PART: unique symbol = Symbol.for("postrider.MimePart") as never;

/** What the mark says: a whole message or a part, and the form of the properties that are read here. */
export type PartMark = "message/1" | "part/1";

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
  readonly open: () => Reading;
  /** False for a stream that serves once. */
  readonly isRepeatable: boolean;
  /**
   * Bytes that a reading gives, when that is known beforehand; asks anew each time.
   *
   * @throws MessageError when the content is known to be unreadable.
   */
  readonly size: () => number | undefined;
  /** Stops a stream that serves once and that nobody has begun to read. */
  readonly release: () => void;
}

/**
 * Whether the value is a part or a message, of this copy of the package or another; undefined when it is neither.
 *
 * @throws MessageError when it belongs to a copy that is made another way.
 */
export function partKind(value: unknown, field: string): "message" | "part" | undefined {
  if (!isObject(value)) return undefined;
  const mark = (value as { readonly [PART]?: unknown })[PART];
  if (mark === undefined) return undefined;
  if (mark === "message/1") return "message";
  if (mark === "part/1") return "part";
  throw new MessageError(field, "was made by another version of postrider; use one version, or give its toBytes()");
}

export function isEntity(value: unknown, field: string): value is Entity {
  return partKind(value, field) !== undefined;
}

/** SECURITY: deeper than any reader follows; also the end of a part that holds itself. */
const MAX_DEPTH = 50;

/** @throws MessageError when the entity holds itself, or is nested too deep in those around it. */
export function checkNesting(entity: Entity, around: readonly Entity[]): void {
  if (around.includes(entity)) throw new MessageError("parts", "a part must not hold itself");
  if (around.length > MAX_DEPTH) throw new MessageError("parts", `parts are nested deeper than ${MAX_DEPTH}`);
}
