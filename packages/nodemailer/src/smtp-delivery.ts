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

/**
 * Reads from the trace of a connection what `info` tells beside the result. In a pool one watch hears all connections: the first whole
 * greeting counts, and after STARTTLS the next.
 */
export class DialogueWatch {
  #start = performance.now();
  #contentAt: number | undefined;
  #greeting: "none" | "asked" | "known" = "none";
  #lines: string[] = [];
  messageSize = 0;

  see(event: TraceEvent): void {
    if (event.type === "content") {
      this.#contentAt ??= performance.now();
      this.messageSize += event.bytes;
    } else if (event.type === "client") {
      if (event.line.startsWith("MAIL ")) this.#start = performance.now();
      else if (event.line === "STARTTLS") this.#greeting = "none";
      else if (this.#greeting === "none" && /^(?:EHLO|LHLO) /.test(event.line)) {
        this.#greeting = "asked";
        this.#lines = [];
      }
    } else if (event.type === "server" && this.#greeting === "asked" && /^250[- ]/.test(event.line)) {
      this.#lines.push(event.line.slice(4));
      if (event.line.startsWith("250 ")) this.#greeting = "known";
    }
  }

  /** The extensions: the first line of a greeting is the server's name. */
  get extensions(): string[] {
    return this.#lines.slice(1);
  }

  get envelopeTime(): number {
    return Math.round((this.#contentAt ?? performance.now()) - this.#start);
  }

  get messageTime(): number {
    return this.#contentAt === undefined ? 0 : Math.round(performance.now() - this.#contentAt);
  }
}

type Send = (message: MessageInput, options: DeliveryOptions) => Promise<SendResult>;

/** @param isAlone whether what is watched carries this message and no other */
export async function deliver(
  mail: Pick<MailMessage, "data" | "message">,
  watch: DialogueWatch,
  isAlone: boolean,
  send: Send,
): Promise<SmtpSentMessageInfo> {
  const { message } = mail;
  const start = performance.now();
  const options = deliveryOptions(mail);
  // Streams are read by postrider itself where nobody stands between.
  const input: MessageInput = message.isPlain ? message.email : rawInput(message);
  const result = await send(input, options);
  return {
    ...summary(result, message),
    ehlo: watch.extensions,
    ...(isAlone
      ? { envelopeTime: watch.envelopeTime, messageTime: watch.messageTime }
      : { envelopeTime: 0, messageTime: Math.round(performance.now() - start) }),
    // A stream that did not say its size is counted on its way, where nothing else is on it.
    messageSize: result.size ?? (isAlone ? watch.messageSize : 0),
  };
}

function rawInput(message: MimeNode): MessageInput {
  const { raw } = message;
  // In memory already: the server is told its size.
  if (message.isUntouched && (typeof raw === "string" || ArrayBuffer.isView(raw))) return raw;
  return message.createReadStream();
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
