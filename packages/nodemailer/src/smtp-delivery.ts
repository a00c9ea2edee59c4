/**
 * From a compiled message to `send`, and from its result to nodemailer's `info`.
 *
 * Layer: nodemailer. RFC 3461 (DSN).
 */
import type { DeliveryOptions, MessageInput, Recipient, SendResult, TraceEvent } from "postrider";
import { dkimSigners } from "./dkim.js";
import { mailError, responseText, toNodemailerError } from "./errors.js";
import type { MailMessage } from "./mail-message.js";
import type { MimeNode } from "./mime-node.js";
import type { DsnOptions, SmtpSentMessageInfo } from "./types.js";

/** Reads from the trace of one connection what `info` tells beside the result. */
export class DialogueWatch {
  #start = performance.now();
  #contentAt: number | undefined;
  #isGreeting = false;
  ehlo: string[] = [];
  messageSize = 0;

  see(event: TraceEvent): void {
    if (event.type === "content") {
      this.#contentAt ??= performance.now();
      this.messageSize += event.bytes;
    } else if (event.type === "client") {
      this.#isGreeting = /^(?:EHLO|LHLO) /.test(event.line);
      if (this.#isGreeting) this.ehlo = [];
      if (event.line.startsWith("MAIL ")) this.#start = performance.now();
    } else if (event.type === "server" && this.#isGreeting && /^250[- ]/.test(event.line)) {
      this.ehlo.push(event.line.slice(4));
      if (event.line.startsWith("250 ")) this.#isGreeting = false;
    }
  }

  /** The extensions: the first line of a greeting is the server's name. */
  get extensions(): string[] {
    return this.ehlo.slice(1);
  }

  get envelopeTime(): number {
    return Math.round((this.#contentAt ?? performance.now()) - this.#start);
  }

  get messageTime(): number {
    return this.#contentAt === undefined ? 0 : Math.round(performance.now() - this.#contentAt);
  }
}

type Send = (message: MessageInput, options: DeliveryOptions) => Promise<SendResult>;

/** @param watch of the connection that carries this message and no other; undefined in a pool */
export async function deliver(
  mail: Pick<MailMessage, "data" | "message">,
  watch: DialogueWatch | undefined,
  send: Send,
): Promise<SmtpSentMessageInfo> {
  const { data, message } = mail;
  const start = performance.now();
  message.signers = dkimSigners(data.dkim);
  const options = deliveryOptions(mail);
  // Streams are read by postrider itself where nobody stands between.
  const input: MessageInput = message.isPlain ? message.email : await rawInput(message);
  const result = await send(input, options);
  return {
    ...summary(result, message),
    ehlo: watch?.extensions ?? [],
    envelopeTime: watch?.envelopeTime ?? 0,
    messageTime: watch?.messageTime ?? Math.round(performance.now() - start),
    messageSize: watch?.messageSize ?? 0,
  };
}

async function rawInput(message: MimeNode): Promise<MessageInput> {
  // A signature is made of the whole message.
  return message.signers.length > 0 ? message.build() : message.createReadStream();
}

function summary({ envelope, accepted, refused, reply, messageId }: SendResult, message: MimeNode) {
  return {
    accepted: [...accepted],
    rejected: refused.map(({ recipient }) => recipient),
    ...(refused.length === 0 ? {} : { rejectedErrors: refused.map((one) => toNodemailerError(one)) }),
    pending: [],
    response: responseText(reply),
    envelope: { from: envelope.sender, to: [...envelope.recipients] },
    messageId: messageId ?? message.messageId(),
  };
}

function deliveryOptions({ data, message }: Pick<MailMessage, "data" | "message">): DeliveryOptions {
  const { dsn, signal } = data;
  const envelope = message.givenEnvelope ?? (message.isPlain && !dsn ? undefined : message.getEnvelope());
  const given = data.envelope as Record<string, unknown> | undefined;
  const options: DeliveryOptions = {
    signal,
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
