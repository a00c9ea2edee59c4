/**
 * What the inbox keeps of a message: plain data, parsed before anybody sees it.
 */
import type { InboxHeaders } from "./inbox-headers.js";

/** One mailbox of a header, its name decoded (RFC 2047). */
export interface InboxAddress {
  /** Display name; empty when there is none. */
  readonly name: string;
  readonly address: string;
}

export interface InboxAttachment {
  readonly filename: string | undefined;
  /** Type and subtype in lower case, without parameters. */
  readonly contentType: string;
  /** Without angle brackets. */
  readonly contentId: string | undefined;
  /** `"attachment"`, `"inline"`, or what the message says. */
  readonly disposition: string | undefined;
  /** Decoded bytes. */
  readonly content: Uint8Array;
}

/** What the client said in MAIL and RCPT, character for character (RFC 5321 §4.1.1). */
export interface InboxEnvelope {
  /** `""` is the null sender `<>`. */
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** One message that arrived. */
export interface InboxMessage {
  /** Unique; also in the reply to the client, as `queued as <id>`. */
  readonly id: string;
  readonly receivedAt: Date;
  readonly envelope: InboxEnvelope;
  /** First mailbox of From. */
  readonly from: InboxAddress | undefined;
  readonly to: readonly InboxAddress[];
  readonly cc: readonly InboxAddress[];
  readonly subject: string | undefined;
  /** With angle brackets, as in the header. */
  readonly messageId: string | undefined;
  /** The Date header; undefined when absent or no date. */
  readonly date: Date | undefined;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly InboxAttachment[];
  readonly headers: InboxHeaders;
  /** The bytes of the message, dots unstuffed, otherwise as they came. */
  readonly raw: Uint8Array;
  /** Length of `raw`. */
  readonly size: number;
  /** True when it came over TLS. */
  readonly secure: boolean;
  /** Who logged in, if anybody did. */
  readonly username: string | undefined;
  /** Why the content could not be parsed; then envelope and `raw` are all there is. */
  readonly parseError: string | undefined;
}
