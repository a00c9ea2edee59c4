/**
 * A submission over a connection, to its result.
 *
 * Layer: client. RFC 5321 §3.3.
 */
import { SmtpDataError, SmtpNotSupportedError } from "../errors.js";
import type { Envelope } from "../protocol/envelope.js";
import { isPositive } from "../protocol/transaction.js";
import { judge } from "../protocol/verdict.js";
import type { SmtpReply } from "../reply.js";
import type { SendResult } from "../result.js";
import { signDelivery } from "../submission/sign-delivery.js";
import type { Delivery, Submission } from "../submission/submission.js";
import { createSha256 } from "../transport/sha256.js";
import { isSendWatched, serverAttributes, watchSend } from "./channels.js";
import type { Connection } from "./connection.js";
import { type JudgedPart, joinParts } from "./join-parts.js";
import type { DeliveryPart } from "./request.js";

/**
 * Sends it, in as many transactions as the server's limits ask for (RFC 9422).
 *
 * @throws SmtpError with the outcome that is true of the message; `signal.reason` after an abort.
 */
export function deliver(connection: Connection, submission: Submission, signal?: AbortSignal): Promise<SendResult> {
  if (!isSendWatched()) return deliverParts(connection, submission, signal);
  const server = serverAttributes(connection.transport.peer, connection.settings.isLmtp);
  return watchSend(server, submission, () => deliverParts(connection, submission, signal));
}

async function deliverParts(
  connection: Connection,
  submission: Submission,
  signal: AbortSignal | undefined,
): Promise<SendResult> {
  checkTls(connection, submission);
  const { dkim, isLmtp } = connection.settings;
  const signed = dkim === undefined ? submission : signDelivery(submission, dkim, createSha256);
  const parts = await connection.deliver(signed, signal);
  return makeResult(submission, parts, isLmtp);
}

/** @throws SmtpError, the reason of an abort. */
function makeResult({ envelope, messageId }: Submission, parts: readonly DeliveryPart[], isLmtp: boolean): SendResult {
  const judged = parts.map((part) => judgePart(part, envelope, isLmtp));
  const { accepted, refused, reply } = joinParts(envelope, judged);
  const sender = envelope.sender?.address ?? "";
  const recipients = envelope.recipients.map((recipient) => recipient.address);
  return { envelope: { sender, recipients }, accepted, refused, reply, messageId };
}

function judgePart(part: DeliveryPart, whole: Envelope, isLmtp: boolean): JudgedPart {
  const { envelope = whole } = part;
  return { envelope, verdict: "error" in part ? part.error : judge(part.transaction, envelope, isLmtp) };
}

/** SECURITY: whoever strips STARTTLS from an EHLO may add REQUIRETLS to it (RFC 8689 §4.1: only over TLS). */
function checkTls({ transport }: Connection, { envelope }: Submission): void {
  if (transport.isSecure || !envelope.mailParameters.some(({ keyword }) => keyword === "REQUIRETLS")) return;
  throw new SmtpNotSupportedError("REQUIRETLS", {
    reason: "REQUIRETLS asks for TLS on the whole way, and this connection has none",
    phase: "mail",
    hint: "Set startTls: true or useTls: true",
  });
}

/** DATA alone, for an envelope that was opened by hand. @throws SmtpDataError */
export async function deliverContent(
  connection: Connection,
  delivery: Delivery,
  signal?: AbortSignal,
): Promise<SmtpReply> {
  const [part] = await connection.deliver(delivery, signal);
  if (part === undefined) throw new TypeError("a delivery without a transaction was settled");
  if ("error" in part) throw part.error;
  const { dataReply, contentReplies } = part.transaction;
  const reply = contentReplies.find((one) => !isPositive(one)) ?? contentReplies.at(-1);
  if (reply !== undefined && isPositive(reply)) return reply;
  const refusal = reply ?? dataReply;
  if (refusal === undefined) throw new TypeError("a transaction without replies was settled");
  throw new SmtpDataError({ reply: refusal, phase: reply === undefined ? "data" : "content" });
}
