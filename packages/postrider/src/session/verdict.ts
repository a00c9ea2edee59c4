/**
 * The verdict on a transaction: a result for each recipient, or an error.
 *
 * Layer: session. RFC 5321 §4.2.5 (which replies mean responsibility), RFC 2033 §4.2 (a reply for each recipient).
 */
import {
  SmtpDataError,
  SmtpDisconnectedError,
  type SmtpError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpSenderRefusedError,
} from "../errors/errors.js";
import type { SmtpReply } from "../reply.js";
import type { Accepted } from "../result.js";
import type { Envelope } from "./envelope.js";
import { isPositive, type Transaction } from "./transaction.js";

/** The verdict on a transaction whose every reply has come. */
export function judge(transaction: Transaction, envelope: Envelope, isLmtp: boolean): Accepted | SmtpError {
  const refusal = findRefusal(transaction, envelope);
  if (refusal !== undefined) return refusal;
  const replies = transaction.contentReplies;
  const last = replies.at(-1);
  if (last === undefined) return noVerdict();
  if (isLmtp) return judgeEach(transaction, envelope, last);
  const failed = replies.find((reply) => !isPositive(reply));
  if (failed !== undefined) return withRefused(contentError(transaction, failed), refusedByRcpt(transaction, envelope));
  const { accepted, refused } = sortRecipients(transaction, envelope);
  return { accepted, refused, reply: last };
}

/** The verdict on content alone, for an envelope that the caller sent by hand. */
export function judgeContent(transaction: Transaction): Accepted | SmtpError {
  const { dataReply, contentReplies } = transaction;
  const reply = contentReplies.find((one) => !isPositive(one)) ?? contentReplies.at(-1);
  if (reply !== undefined && isPositive(reply)) return { accepted: [], refused: [], reply };
  const refusal = reply ?? dataReply;
  if (refusal === undefined) return noVerdict();
  return new SmtpDataError({ reply: refusal, phase: reply === undefined ? "data" : "content" });
}

/**
 * The error of a transaction interrupted by the end of the connection, when the replies so far refused it. Once the content was
 * written only a refusal of the whole envelope is certain; otherwise the outcome is unknown.
 */
export function judgeInterrupted(transaction: Transaction, envelope: Envelope): SmtpError | undefined {
  // The refusal of an envelope that was written ahead may be due to its position.
  if (transaction.progress === "queued" || transaction.isAhead) return undefined;
  const { mailReply, dataReply, acceptedCount, recipientReplies } = transaction;
  const isSenderRefused = mailReply !== undefined && !isPositive(mailReply);
  const isContentOut = transaction.progress === "content-sent" && !transaction.isDenied;
  const areRecipientsRefused =
    !transaction.isManual &&
    acceptedCount === 0 &&
    (isContentOut ? transaction.isEnvelopeAnswered : recipientReplies.some((reply) => reply !== undefined));
  const isDataRefused = dataReply !== undefined && dataReply.code >= 400;
  return isSenderRefused || areRecipientsRefused || isDataRefused ? findRefusal(transaction, envelope) : undefined;
}

function findRefusal(transaction: Transaction, envelope: Envelope): SmtpError | undefined {
  const { mailReply, dataReply } = transaction;
  if (mailReply !== undefined && !isPositive(mailReply)) {
    return new SmtpSenderRefusedError(envelope.sender?.address ?? "", { reply: mailReply });
  }
  if (!transaction.isManual && transaction.acceptedCount === 0) {
    return new SmtpRecipientsRefusedError(sortRecipients(transaction, envelope).refused);
  }
  if (dataReply === undefined || dataReply.code < 400) return undefined;
  return withRefused(new SmtpDataError({ reply: dataReply }), refusedByRcpt(transaction, envelope));
}

/** Recipients that RCPT refused. A refusal that was written ahead may be due to its position. */
export const refusedByRcpt = (transaction: Transaction, envelope: Envelope): readonly SmtpRecipientRefusedError[] =>
  transaction.isAhead ? [] : sortRecipients(transaction, envelope).refused;

/** The error of a message, with the recipients that RCPT had refused before it failed. */
export function withRefused(error: SmtpError, refused: readonly SmtpRecipientRefusedError[] = []): SmtpError {
  return refused.length === 0 ? error : Object.assign(error, { refused });
}

function noVerdict(): SmtpDisconnectedError {
  return new SmtpDisconnectedError("The transaction ended without a verdict", { phase: "content" });
}

function contentError(transaction: Transaction, reply: SmtpReply): SmtpDataError {
  return new SmtpDataError({ reply, phase: "content", command: transaction.framing === "bdat" ? "BDAT" : "DATA" });
}

function sortRecipients(
  transaction: Transaction,
  envelope: Envelope,
): { accepted: string[]; refused: SmtpRecipientRefusedError[] } {
  const refused: SmtpRecipientRefusedError[] = [];
  // PERF: the usual case is that all are accepted.
  if (transaction.acceptedCount === envelope.recipients.length) {
    return { accepted: envelope.recipients.map(({ address }) => address), refused };
  }
  const accepted: string[] = [];
  envelope.recipients.forEach(({ address }, index) => {
    const reply = transaction.recipientReplies[index];
    if (reply === undefined) return;
    if (isPositive(reply)) accepted.push(address);
    else refused.push(new SmtpRecipientRefusedError(address, { reply }));
  });
  return { accepted, refused };
}

/** LMTP: the replies after the content are those of the accepted recipients, in order. */
function judgeEach(transaction: Transaction, envelope: Envelope, last: SmtpReply): Accepted | SmtpError {
  const taken = sortRecipients(transaction, envelope);
  const accepted: string[] = [];
  const refused = [...taken.refused];
  let positive: SmtpReply | undefined;
  taken.accepted.forEach((address, index) => {
    const reply = transaction.contentReplies[index] ?? last;
    if (isPositive(reply)) {
      accepted.push(address);
      positive = reply;
    } else {
      refused.push(new SmtpRecipientRefusedError(address, { reply, phase: "content", command: "DATA" }));
    }
  });
  return positive === undefined ? new SmtpRecipientsRefusedError(refused) : { accepted, refused, reply: positive };
}
