/**
 * A submission: a validated message as a connection takes it. Its content is opened once the capabilities of the server are known.
 *
 * Layer: submission.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import type { Content } from "../session/content.js";
import type { Envelope } from "../session/envelope.js";
import type { Capabilities } from "../wire/capabilities.js";

/** Content for one server. */
export interface OpenedContent {
  readonly content: Content;
  /** Headers in UTF-8 (RFC 6532), which need SMTPUTF8. */
  readonly hasUtf8Headers: boolean;
  /** The canonical chunks of streamed content. */
  readonly source: AsyncIterator<Uint8Array> | undefined;
  /** Opens the stream again; absent when it can be read only once. */
  readonly reopen?: (() => AsyncIterator<Uint8Array>) | undefined;
}

/** Called for each chunk of content that is read before MAIL, for the timeout of that reading. */
export type Progress = () => void;

/** The timeout for content that is read before a connection is open. */
export interface ReadingWatch {
  /** @param late called on timeout, but not after `end`. */
  begin(late: (error: Error) => void): { progress(): void; end(): void };
}

/** The envelope and content of one transaction. */
export interface Delivery {
  /** Undefined when the caller sent MAIL and RCPT by hand. */
  readonly envelope: Envelope | undefined;
  /** The Message-ID, for a message built by Postrider. */
  readonly messageId?: string | undefined;
  /** The signers of this delivery; undefined: those of the connection. */
  readonly signers?: readonly DkimSigner[] | undefined;
  /** Its content is a stream, which is opened late and closed with the verdict. */
  readonly isStreamed?: boolean | undefined;
  /** Opens the content in the form for this server. A promise only when content must be read first. */
  open(capabilities: Capabilities, progress?: Progress): OpenedContent | Promise<OpenedContent>;
  /** Stops an opening under way, and the stream. */
  close(): void;
}

/** A whole message. */
export interface Submission extends Delivery {
  readonly envelope: Envelope;
  /** The Message-ID, for a message built by Postrider. */
  readonly messageId: string | undefined;
}

/** Reports each chunk of the content as progress. */
export function withProgress(content: AsyncIterator<Uint8Array>, progress: Progress): AsyncIterator<Uint8Array> {
  return {
    next: async () => {
      const next = await content.next();
      progress();
      return next;
    },
    return: async () => {
      await content.return?.();
      return { done: true, value: undefined };
    },
  };
}
