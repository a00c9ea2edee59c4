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
import { MimePart } from "../message/mime-part.js";
import { settle } from "../message/settle.js";
import { deliveryOptions, type ResolvedDeliveryOptions } from "../options/delivery-options.js";
import type { DeliveryOptions } from "../options.js";
import { makeEnvelope, type Parties } from "./envelope.js";
import { type ReadMessage, readRawHeader } from "./raw-header.js";
import { isRawMessage, type RawMessage, rawContent } from "./raw-message.js";
import type { OpenedContent, Submission } from "./submission.js";

/** What `send` takes: a message of ours, its fields as one literal, or a raw message. */
export type MessageInput = MimePart | MessageFields | RawMessage;

/** Who takes a message that was checked. */
export type UseSubmission<Result> = (submission: Submission, signal: AbortSignal | undefined) => Promise<Result>;

/**
 * Checks the options, the message and its envelope, and hands it on at once; only the header of a stream and text made from html are
 * waited for. PERF: no promise of its own.
 *
 * @throws (as a rejection) OptionError, MessageError, AddressError that names the field; what `use` throws, the message given up.
 */
export function submitMessage<Result>(
  message: MessageInput,
  options: DeliveryOptions | undefined,
  use: UseSubmission<Result>,
): Promise<Result> {
  try {
    const checked = deliveryOptions(options);
    const prepared = prepareSubmission(message, checked);
    return prepared instanceof Promise ? useLater(prepared, checked.signal, use) : use(prepared, checked.signal);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function useLater<Result>(
  prepared: Promise<Submission>,
  signal: AbortSignal | undefined,
  use: UseSubmission<Result>,
): Promise<Result> {
  const submission = await prepared;
  try {
    return await use(submission, signal);
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
  const envelope = makeEnvelope({ sender, recipients }, options);
  return { envelope, messageId: undefined, isStreamed: isStreamed(message), open, close };
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
    return { envelope, messageId, isStreamed: isStreamed(read.message), open, close: closeAll };
  } catch (error) {
    read.close();
    throw error;
  }
}

function prepareMessage(message: MimePart, options: ResolvedDeliveryOptions): Submission {
  const envelope = makeEnvelope(findParties(message, options), options);
  // Composed now, so that what no server could take is found before there is a connection.
  const composed = compose(message, { eightBit: true, utf8: true });
  const isStreamed = !ArrayBuffer.isView(composed.content);
  return { envelope, messageId: readMessageId(message), isStreamed, open: openerOf(message, composed), close: nothing };
}

const nothing = (): void => undefined;

function isStreamed(message: RawMessage): boolean {
  return typeof message !== "string" && !ArrayBuffer.isView(message);
}

/** PERF: what goes to every server as it is does not hold the message while it waits: a queue is what collecting garbage costs. */
function openerOf(message: MimePart, composed: ComposedMessage): Submission["open"] {
  if (!composed.hasEightBit) return openerOfAscii(composed);
  return ({ extensions }) =>
    openComposed(extensions.has("8BITMIME") ? composed : compose(message, { eightBit: false, utf8: true }));
}

function openerOfAscii(composed: ComposedMessage): Submission["open"] {
  return () => openComposed(composed);
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
    sender: sender ?? own.sender ?? "",
    recipients: recipients ?? own.recipients,
  };
}

function openComposed(composed: ComposedMessage): OpenedContent {
  const { content, size, hasEightBit, hasLeadingDot, hasUtf8Headers, isRepeatable } = composed;
  if (content instanceof Uint8Array) {
    const bytes = { kind: "bytes", bytes: content, hasEightBit, hasLeadingDot } as const;
    return { content: bytes, source: undefined, hasUtf8Headers };
  }
  const open = (): AsyncIterator<Uint8Array> => content()[Symbol.asyncIterator]();
  const stream = { kind: "stream", size, hasEightBit } as const;
  return { content: stream, source: open(), reopen: isRepeatable ? open : undefined, hasUtf8Headers };
}
