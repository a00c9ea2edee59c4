/**
 * What the inbox keeps of a message: plain data, parsed before anybody sees it.
 */
import type { InboxHeaders } from "./inbox-headers.js";

/** One mailbox of a header, its name decoded (RFC 2047). */
export interface InboxAddress {
  /** Display name; empty when there is none. */
  readonly name: string;
  /** The address; empty for what is none. */
  readonly address: string;
}

/**
 * One leaf of the MIME tree that has a file name or is neither the text nor the HTML of the message: attached and inline files,
 * messages within the message (`message/rfc822`), a second text in an alternative.
 */
export interface InboxAttachment {
  /** The file name, decoded. */
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
  /** The addresses of RCPT TO, in their order. */
  readonly recipients: readonly string[];
}

/** One message that arrived. */
export interface InboxMessage {
  /** Unique; also in the reply to the client, as `queued as <id>`. */
  readonly id: string;
  /** When it arrived. */
  readonly receivedAt: Date;
  /** What MAIL FROM and RCPT TO said. */
  readonly envelope: InboxEnvelope;
  /** First mailbox of From. */
  readonly from: InboxAddress | undefined;
  /** The addresses of To. */
  readonly to: readonly InboxAddress[];
  /** The addresses of Cc. */
  readonly cc: readonly InboxAddress[];
  /** Who got a blind copy: recipients of the envelope that neither To nor Cc names, as the client said them. */
  readonly bcc: readonly string[];
  /** The Subject, decoded. */
  readonly subject: string | undefined;
  /** With angle brackets, as in the header. */
  readonly messageId: string | undefined;
  /** The Date header; undefined when absent or no date. */
  readonly date: Date | undefined;
  /** The first text/plain that is no file, its lines ended by LF; undefined when there is none. */
  readonly text: string | undefined;
  /** The first text/html that is no file, its lines ended by LF; undefined when there is none. */
  readonly html: string | undefined;
  /** Every leaf of the MIME tree that is neither `text` nor `html`. */
  readonly attachments: readonly InboxAttachment[];
  /** The header fields. */
  readonly headers: InboxHeaders;
  /** The bytes of the message, dots unstuffed, otherwise as they came. */
  readonly raw: Uint8Array;
  /** Length of `raw`. */
  readonly size: number;
  /** True when it came over TLS. */
  readonly secure: boolean;
  /** Who logged in, if anybody did. */
  readonly username: string | undefined;
  /** Why the content could not be parsed (malformed, too deep, too slow, too large); then envelope and `raw` are all there is. */
  readonly parseError: string | undefined;
}
