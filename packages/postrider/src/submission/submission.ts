/**
 * A message as a connection takes it: who, and the content once the server is known.
 *
 * Layer: submission.
 */
import type { Content } from "../session/content.js";
import type { Envelope } from "../session/envelope.js";
import type { Capabilities } from "../wire/capabilities.js";

/** Content for one server. */
export interface OpenedContent {
  readonly content: Content;
  /** Headers in UTF-8 (RFC 6532): the envelope then says SMTPUTF8. */
  readonly hasUtf8Headers: boolean;
  /** The canonical chunks of streamed content. */
  readonly source: AsyncIterator<Uint8Array> | undefined;
  /** The same chunks from the beginning; absent when the stream serves once. */
  readonly reopen?: (() => AsyncIterator<Uint8Array>) | undefined;
}

/** Called for each chunk of content that is read before MAIL: whoever waits for it keeps the time. */
export type Progress = () => void;

/** Keeps the time of content that is read before there is a connection. */
export interface ReadingWatch {
  /** @param late called when no chunk came in time; nothing is called after `end`. */
  begin(late: (error: Error) => void): { progress(): void; end(): void };
}

/** The same content, each chunk of it counted as progress. */
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

/** What goes out in one transaction. */
export interface Delivery {
  /** Undefined: the envelope was opened by hand, with MAIL and RCPT. */
  readonly envelope: Envelope | undefined;
  /** The Message-ID of a message of ours. */
  readonly messageId?: string | undefined;
  /** Its content is a stream: nothing is known of it before it is opened, and it is closed once it has its verdict. */
  readonly isStreamed?: boolean | undefined;
  /** Shapes the content for the server; called once its EHLO was answered. A promise only when content must be read first. */
  open(capabilities: Capabilities, progress?: Progress): OpenedContent | Promise<OpenedContent>;
  /** Gives up what is being opened: asks a stream to stop. */
  close(): void;
}

/** A whole message, checked. */
export interface Submission extends Delivery {
  readonly envelope: Envelope;
  /** The Message-ID of a message of ours. */
  readonly messageId: string | undefined;
}
