/**
 * From a compiled message to `send`, and from its result to nodemailer's `info`.
 *
 * Layer: nodemailer. RFC 3461 (DSN).
 */
import type { DeliveryOptions, MessageInput, Recipient, SendResult } from "postrider";
import { dkimSigners } from "./dkim.js";
import { mailError, responseText, toNodemailerError } from "./errors.js";
import type { MailMessage } from "./mail-message.js";
import type { MimeNode } from "./mime-node.js";
import type { DsnOptions, SmtpSentMessageInfo } from "./types.js";

type Send = (message: MessageInput, options: DeliveryOptions) => Promise<SendResult>;

export async function deliver(mail: Pick<MailMessage, "data" | "message">, send: Send): Promise<SmtpSentMessageInfo> {
  const { message } = mail;
  const options = deliveryOptions(mail);
  // Streams are read by postrider itself where nobody stands between.
  const input: MessageInput = message.isPlain ? message.email : rawInput(message);
  return infoOf(await send(input, options), message);
}

function rawInput(message: MimeNode): MessageInput {
  const { raw } = message;
  // In memory already: the server is told its size.
  if (message.isUntouched && (typeof raw === "string" || ArrayBuffer.isView(raw))) return raw;
  return message.createReadStream();
}

function infoOf(result: SendResult, message: MimeNode): SmtpSentMessageInfo {
  const { envelope, accepted, refused, reply, messageId, extensions } = result;
  return {
    accepted: [...accepted],
    rejected: refused.map(({ recipient }) => recipient),
    ...(refused.length === 0 ? {} : { rejectedErrors: refused.map((one) => toNodemailerError(one)) }),
    pending: [],
    ehlo: linesOf(extensions),
    envelopeTime: result.envelopeTime,
    messageTime: result.contentTime,
    messageSize: result.size,
    response: responseText(reply),
    envelope: { from: envelope.sender, to: [...envelope.recipients] },
    messageId: messageId ?? message.messageId(),
  };
}

/** The lines of the reply to EHLO. PERF: the extensions of a connection are one object for all of its messages. */
const knownLines = new WeakMap<SendResult["extensions"], readonly string[]>();

function linesOf(extensions: SendResult["extensions"]): string[] {
  let lines = knownLines.get(extensions);
  if (lines === undefined) {
    lines = Array.from(extensions, ([keyword, parameters]) => `${keyword} ${parameters}`.trim());
    knownLines.set(extensions, lines);
  }
  return [...lines];
}

function deliveryOptions({ data, message }: Pick<MailMessage, "data" | "message">): DeliveryOptions {
  const { dsn, signal } = data;
  const envelope = message.givenEnvelope ?? (message.isPlain && !dsn ? undefined : message.getEnvelope());
  const given = data.envelope as Record<string, unknown> | undefined;
  const signers = dkimSigners(data.dkim);
  const options: DeliveryOptions = {
    signal,
    // In place of the transport's own.
    ...(signers.length === 0 ? {} : { dkim: signers }),
    ...(given?.["requireTLSExtensionEnabled"] === true ? { requireTls: true } : {}),
  };
  if (envelope === undefined) return options;
  // Nobody to name: MAIL FROM:<> is for reports, and asked for by name only.
  if (envelope.from === false) throw noParty("from", 'no sender: give from, or envelope.from ("" is the null sender)');
  if (envelope.to.length === 0) throw noParty("to", "no recipients: give to, cc or bcc, or envelope.to");
  return {
    ...options,
    sender: envelope.from,
    recipients: withNotice(envelope.to, dsn),
    ...(dsn ? { dsn: dsnOf(dsn) } : {}),
  };
}

function noParty(field: string, rule: string): Error {
  return mailError("EENVELOPE", `${field}: the message has ${rule}`, {
    command: "API",
    outcome: "not-sent",
    retry: "never",
  });
}

function dsnOf({ id, envid, return: given, ret }: DsnOptions): NonNullable<DeliveryOptions["dsn"]> {
  const word = String(given ?? ret ?? "").toLowerCase();
  return {
    return: word === "full" ? "full" : word === "hdrs" || word === "headers" ? "headers" : undefined,
    envelopeId: id ?? envid,
  };
}

function withNotice(recipients: readonly string[], dsn: DsnOptions | undefined): (string | Recipient)[] {
  if (!dsn) return [...recipients];
  const { notify, recipient, orcpt } = dsn;
  const words = (Array.isArray(notify) ? (notify as readonly string[]) : String(notify ?? "").split(/[\s,]+/)).map(
    (word) => word.toLowerCase(),
  );
  const wanted = (["success", "failure", "delay"] as const).filter((word) => words.includes(word));
  const original = recipient ?? orcpt?.replace(/^rfc822;\s*/i, "");
  return recipients.map((address) => ({
    address,
    notify: words.includes("never") ? "never" : wanted.length > 0 ? wanted : undefined,
    originalRecipient: original,
  }));
}
