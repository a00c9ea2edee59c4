/**
 * Prepares a message for a connection: everything that can be checked without a server is checked here.
 *
 * Layer: submission. RFC 5321 §3.3, RFC 5322, RFC 6531.
 */
import type { DkimSigner } from "../dkim/dkim-signer.js";
import { MessageError, OptionError } from "../errors/errors.js";
import { discard, listenToErrors } from "../given/producer.js";
import { describe, isObject, isPromise } from "../given/values.js";
import { compose, releaseContent, settle } from "../message/compose.js";
import { fromFields, type MessageFields } from "../message/email-message.js";
import { type ComposedMessage, type Entity, isEntity } from "../message/entity.js";
import { type Headed, readEnvelopeFields } from "../message/envelope-fields.js";
import { readMessageId } from "../message/generated-fields.js";
import type { MimePart } from "../message/mime-part.js";
import { type DeliveryOptions, deliveryOptions, type ResolvedDeliveryOptions } from "../options/delivery-options.js";
import { makeEnvelope, type Parties } from "./envelope.js";
import { type ReadMessage, readRawHeader } from "./raw-header.js";
import { isRawMessage, type RawMessage, rawContent, takeRawMessage } from "./raw-message.js";
import type { OpenedContent, ReadingWatch, Submission } from "./submission.js";

const NOTHING = (): void => undefined;

/** What `send` takes: an EmailMessage or MimePart, the fields of one as a literal, or a raw message. */
export type MessageInput = MimePart | MessageFields | RawMessage;

/** Queues a validated message. */
export type UseSubmission<Result> = (submission: Submission, signal: AbortSignal | undefined) => Promise<Result>;

/**
 * Validates the options of a send. When they are invalid the streams of the message are stopped, and their errors are handled.
 *
 * @throws what `read` throws
 */
export function accept<Options>(message: MessageInput, read: () => Options): Options {
  try {
    listenToErrors(message);
    return read();
  } catch (error) {
    stopStreams(message);
    throw error;
  }
}

/**
 * Validates the options, the message and its envelope, and calls `use`: synchronously, unless the header of a stream must be read or
 * text is made from html. PERF: no promise for a message in memory.
 *
 * @param watch the timeout for a header that is read from a stream.
 * @throws (as a rejection) OptionError, MessageError, AddressError that names the field; what `use` throws.
 */
export function submitMessage<Result>(
  message: MessageInput,
  options: DeliveryOptions | undefined,
  use: UseSubmission<Result>,
  watch?: ReadingWatch,
): Promise<Result> {
  try {
    const checked = accept(message, () => deliveryOptions(options));
    const unsigned = prepareSubmission(message, checked, watch);
    const prepared = checked.dkim === undefined ? unsigned : withSigners(unsigned, checked.dkim);
    return isPromise(prepared)
      ? prepared.then((submission) => useSubmission(submission, checked.signal, use))
      : useSubmission(prepared, checked.signal, use);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The submission with its own signers, each of which is known to sign. @throws OptionError when a key is damaged */
async function withSigners(
  unsigned: Submission | Promise<Submission>,
  signers: readonly DkimSigner[],
): Promise<Submission> {
  const submission = await unsigned;
  try {
    for (const signer of signers) await signer.ready();
  } catch (error) {
    submission.close();
    throw error;
  }
  return { ...submission, signers };
}

/** Closes the streams of the delivery when `use` has settled. */
export async function useAndClose<Result>(
  delivery: Pick<Submission, "close">,
  use: () => Promise<Result>,
): Promise<Result> {
  try {
    return await use();
  } finally {
    delivery.close();
  }
}

/** A promise only when the header of a stream must be read, or text is made from html. */
export function prepareSubmission(
  message: MessageInput,
  options: ResolvedDeliveryOptions,
  watch?: ReadingWatch,
): Submission | Promise<Submission> {
  if (isRawMessage(message)) return prepareRaw(message, options, watch);
  const whole = toMessage(message);
  try {
    const prepared = prepareSettled(whole, options);
    return isPromise(prepared) ? prepared.catch((error: unknown) => failWith(error, whole)) : prepared;
  } catch (error) {
    return failWith(error, whole);
  }
}

function useSubmission<Result>(
  submission: Submission,
  signal: AbortSignal | undefined,
  use: UseSubmission<Result>,
): Promise<Result> {
  return submission.isStreamed === true
    ? useAndClose(submission, () => use(submission, signal))
    : use(submission, signal);
}

/** Stops the streams of a message that was not validated yet. */
function stopStreams(message: unknown): void {
  try {
    if (isRawMessage(message)) discard(message);
    else releaseContent(toMessage(message));
  } catch {
    // An invalid message has stopped its streams itself.
  }
}

function toMessage(message: unknown): Entity {
  if (isEntity(message, "message")) return message;
  if (isObject(message) && !Array.isArray(message) && !isPromise(message)) return fromFields(message);
  throw new MessageError(
    "message",
    `must be an EmailMessage, its fields, or a raw message (string, bytes or stream), not ${describe(message)}`,
  );
}

function failWith(error: unknown, message: Entity): never {
  releaseContent(message);
  throw error;
}

function prepareSettled(message: Entity, options: ResolvedDeliveryOptions): Submission | Promise<Submission> {
  const waiting = settle(message);
  return waiting === undefined
    ? prepareMessage(message, options)
    : waiting.then(() => prepareMessage(message, options));
}

function prepareRaw(
  message: RawMessage,
  options: ResolvedDeliveryOptions,
  watch: ReadingWatch | undefined,
): Submission | Promise<Submission> {
  try {
    return prepareTaken(takeRawMessage(message), options, watch);
  } catch (error) {
    discard(message);
    throw error;
  }
}

function prepareTaken(
  message: RawMessage,
  options: ResolvedDeliveryOptions,
  watch: ReadingWatch | undefined,
): Submission | Promise<Submission> {
  const { sender, recipients, envelopeFromHeaders, signal } = options;
  if (envelopeFromHeaders) {
    const read = readRawHeader(message, signal, watch);
    return isPromise(read) ? read.then((late) => prepareRead(late, options)) : prepareRead(read, options);
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
  const envelope = makeEnvelope({ sender, recipients }, options);
  return { envelope, messageId: undefined, ...rawContent(message) };
}

function prepareRead(read: ReadMessage, options: ResolvedDeliveryOptions): Submission {
  try {
    const envelope = makeEnvelope(findParties(read, options), options);
    const { open, close, isStreamed } = rawContent(read.message, read.hasUtf8Headers, true);
    const [messageId] = read.headers.getAll("Message-ID");
    const closeAll = (): void => {
      close();
      read.close();
    };
    return { envelope, messageId, open, close: closeAll, isStreamed };
  } catch (error) {
    read.close();
    throw error;
  }
}

function prepareMessage(message: Entity, options: ResolvedDeliveryOptions): Submission {
  const envelope = makeEnvelope(findParties(message, options), options);
  // Composed now, so that a message that no server could take fails before a connection is opened.
  const composed = compose(message, { eightBit: true, utf8: true });
  const messageId = readMessageId(message);
  const open = openerOf(message, composed);
  if (typeof composed.content !== "function") return { envelope, messageId, open, close: NOTHING, isStreamed: false };
  return { envelope, messageId, open, close: () => releaseContent(message), isStreamed: true };
}

/** PERF: ASCII content is the same for every server, so the queued submission does not keep the message in memory. */
function openerOf(message: Entity, composed: ComposedMessage): Submission["open"] {
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
  // The options may supply the recipients, the sender or both.
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
  if (typeof content !== "function") {
    const bytes = { kind: "bytes", bytes: content, hasEightBit, hasLeadingDot } as const;
    return { content: bytes, source: undefined, hasUtf8Headers };
  }
  const open = (): AsyncIterator<Uint8Array> => content()[Symbol.asyncIterator]();
  const stream = { kind: "stream", size, hasEightBit } as const;
  return { content: stream, source: open(), reopen: isRepeatable ? open : undefined, hasUtf8Headers };
}
