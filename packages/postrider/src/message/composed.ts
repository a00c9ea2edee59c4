/**
 * A message as bytes: what composing gives.
 *
 * Layer: message.
 */

/** What the bytes may look like. */
export interface ComposeTarget {
  /** Bytes above 127 may stand in bodies (8BITMIME). */
  readonly eightBit: boolean;
  /** Headers may be UTF-8 (RFC 6532); used only where an address needs it. */
  readonly utf8: boolean;
}

export interface ComposedMessage {
  /** The whole message when all of it is in memory; else a function that opens it. Only CRLF line ends. */
  readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Whether `content` may be opened more than once and gives the same bytes; true of bytes. */
  readonly isRepeatable: boolean;
  /** Exact number of bytes; undefined when a part's length is not known before it is read. */
  readonly size: number | undefined;
  /** Whether a body or header holds a byte above 127. */
  readonly hasEightBit: boolean;
  /** False only when it is known that no line starts with a dot. */
  readonly hasLeadingDot: boolean;
  /** Whether an address in the header needs UTF-8 there (RFC 6532), so that the envelope says SMTPUTF8. */
  readonly hasUtf8Headers: boolean;
}
