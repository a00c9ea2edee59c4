/**
 * From what `send` is given to what a connection takes: everything that can be checked without a server is checked here.
 *
 * Layer: submission. RFC 5321 §3.3, RFC 5322, RFC 6531.
 */
import { MessageError, OptionError } from "../errors.js";
import { compose } from "../message/compose.js";
import type { ComposedMessage } from "../message/composed.js";
import { type Headed, readEnvelopeFields } from "../message/envelope-fields.js";
import { readMessageId } from "../message/generated-fields.js";
import { fromFields, type MessageFields } from "../message/message-fields.js";
import { messageNeedsUtf8 } from "../message/message-needs.js";
import { MimePart } from "../message/mime-part.js";
import { settle } from "../message/settle.js";
import type { ResolvedDeliveryOptions } from "../options/delivery-options.js";
import { makeEnvelope, type Parties } from "./envelope.js";
import { type ReadMessage, readRawHeader } from "./raw-header.js";
import { isRawMessage, type RawMessage, rawContent } from "./raw-message.js";
import type { OpenedContent, Submission } from "./submission.js";

/** What `send` takes: a message of ours, its fields as one literal, or a raw message. */
export type MessageInput = MimePart | MessageFields | RawMessage;

/**
 * Checks the message and its envelope, and hands it on at once; only the header of a stream and text made from html are waited for.
 *
 * @throws MessageError, AddressError, OptionError that names the field; what `use` throws, the message given up.
 */
export function submitMessage<Result>(
  message: MessageInput,
  options: ResolvedDeliveryOptions,
  use: (submission: Submission) => Promise<Result>,
): Promise<Result> {
  const prepared = prepareSubmission(message, options);
  return prepared instanceof Promise ? useLater(prepared, use) : use(prepared);
}

async function useLater<Result>(
  prepared: Promise<Submission>,
  use: (submission: Submission) => Promise<Result>,
): Promise<Result> {
  const submission = await prepared;
  try {
    return await use(submission);
  } catch (error) {
    // The stream was begun, whether a connection ever came to it or not.
    submission.close();
    throw error;
  }
}

/** A promise only when the header of a stream must be read, or content is made first. */
export function prepareSubmission(
  message: MessageInput,
  options: ResolvedDeliveryOptions,
): Submission | Promise<Submission> {
  if (isRawMessage(message)) return prepareRaw(message, options);
  if (message instanceof MimePart) return prepareSettled(message, options);
  if (typeof message !== "object" || message === null) {
    throw new MessageError(
      "message",
      "must be an EmailMessage, its fields, or a raw message (string, bytes or stream)",
    );
  }
  return prepareSettled(fromFields(message), options);
}

function prepareSettled(message: MimePart, options: ResolvedDeliveryOptions): Submission | Promise<Submission> {
  const waiting = settle(message);
  return waiting === undefined
    ? prepareMessage(message, options)
    : waiting.then(() => prepareMessage(message, options));
}

function prepareRaw(message: RawMessage, options: ResolvedDeliveryOptions): Submission | Promise<Submission> {
  const { sender, recipients, envelopeFromHeaders, signal } = options;
  if (envelopeFromHeaders) {
    const read = readRawHeader(message, signal);
    return read instanceof Promise ? read.then((late) => prepareRead(late, options)) : prepareRead(read, options);
  }
  if (sender === undefined) {
    throw new OptionError(
      "sender",
      'must be given with a raw message ("" is the null sender), or envelopeFromHeaders: true',
    );
  }
  if (recipients === undefined) {
    throw new OptionError("recipients", "must be given with a raw message, or envelopeFromHeaders: true");
  }
  const { open, close } = rawContent(message);
  return { envelope: makeEnvelope({ sender, recipients }, options), messageId: undefined, open, close };
}

function prepareRead(read: ReadMessage, options: ResolvedDeliveryOptions): Submission {
  try {
    const envelope = makeEnvelope(findParties(read, options), options);
    const { open, close } = rawContent(read.message, read.hasUtf8Headers);
    const [messageId] = read.headers.getAll("Message-ID");
    const closeAll = (): void => {
      close();
      read.close();
    };
    return { envelope, messageId, open, close: closeAll };
  } catch (error) {
    read.close();
    throw error;
  }
}

function prepareMessage(message: MimePart, options: ResolvedDeliveryOptions): Submission {
  const envelope = makeEnvelope(findParties(message, options), options);
  const hasUtf8Headers = messageNeedsUtf8(message);
  // Composed now, so that what no server could take is found before there is a connection.
  let composed: ComposedMessage | undefined = compose(message, { eightBit: true, utf8: true });
  return {
    envelope,
    messageId: readMessageId(message),
    open: (capabilities) => {
      const fits = composed !== undefined && (!composed.hasEightBit || capabilities.extensions.has("8BITMIME"));
      const eightBit = capabilities.extensions.has("8BITMIME");
      const opened = openComposed(
        fits && composed !== undefined ? composed : compose(message, { eightBit, utf8: true }),
      );
      // The bytes are the transaction's from here on; a second opening composes again.
      composed = undefined;
      return { content: opened.content, source: opened.source, reopen: opened.reopen, hasUtf8Headers };
    },
    close: () => undefined,
  };
}

function findParties(message: Headed, options: ResolvedDeliveryOptions): Parties {
  const { sender, recipients } = options;
  if (sender !== undefined && recipients !== undefined) return { sender, recipients };
  // A message without recipients of its own may be given some; the same for the sender.
  const own = readEnvelopeFields(message, {
    needsSender: sender === undefined,
    needsRecipients: recipients === undefined,
  });
  return {
    sender: sender ?? own.sender,
    recipients: recipients ?? own.recipients.map((address) => ({ address })),
  };
}

function openComposed(composed: ComposedMessage): Omit<OpenedContent, "hasUtf8Headers"> {
  const { content, size, hasEightBit, isRepeatable } = composed;
  if (content instanceof Uint8Array) {
    return { content: { kind: "bytes", bytes: content, hasEightBit, hasLeadingDot: true }, source: undefined };
  }
  const open = (): AsyncIterator<Uint8Array> => content()[Symbol.asyncIterator]();
  return { content: { kind: "stream", size, hasEightBit }, source: open(), reopen: isRepeatable ? open : undefined };
}
