/**
 * What programs that watch can subscribe to: connections, messages and commands, each from its start to its end.
 *
 * Layer: client. Without subscribers nothing is built. SECURITY: no credentials and no content are told, and addresses only
 * to those who ask for them.
 */
import type { Peer } from "../errors.js";
import type { SmtpReply } from "../reply.js";
import { isAccepted } from "../result.js";
import type { Delivery } from "../submission/submission.js";
import { watchedChannel } from "../transport/diagnostics-channel.js";

/** Whom one talks to. */
export interface ServerAttributes {
  readonly protocol: "smtp" | "lmtp";
  /** Undefined with a Unix socket or a stream of the caller's that nobody named. */
  readonly hostname: string | undefined;
  readonly port: number | undefined;
}

/** Context of `tracing:postrider:connect:*`. */
export interface ConnectContext extends ServerAttributes {
  /** At the end: whether there is TLS. */
  isSecure?: boolean;
  error?: unknown;
}

/** Context of `tracing:postrider:send:*`. */
export interface SendContext extends ServerAttributes {
  /** Undefined for raw messages. */
  readonly messageId: string | undefined;
  readonly recipientCount: number;
  /** Addresses are personal: who wants them asks. */
  envelope(): { readonly sender: string; readonly recipients: readonly string[] };
  /** At the end of a message that was accepted. */
  acceptedCount?: number;
  refusedCount?: number;
  reply?: SmtpReply;
  error?: unknown;
}

/** Context of `tracing:postrider:command:*`. */
export interface CommandContext extends ServerAttributes {
  /** `EHLO`, `MAIL`, ...; `GREETING` is what the server says first, `CONTENT` the message itself, after DATA or by BDAT. */
  readonly command: string;
  /** At the end; absent when the connection ended first, and then there is an error. */
  reply?: SmtpReply;
  error?: unknown;
}

export function serverAttributes(peer: Peer, isLmtp: boolean): ServerAttributes {
  return { protocol: isLmtp ? "lmtp" : "smtp", hostname: peer.hostname, port: peer.port };
}

/** Runs it as a connect that can be watched. */
export function watchConnect<T>(
  server: ServerAttributes,
  run: () => Promise<T>,
  isSecure: (connected: T) => boolean,
): Promise<T> {
  const context: ConnectContext = { ...server };
  return watch("postrider:connect", context, run, (connected) => {
    context.isSecure = isSecure(connected);
  });
}

/** PERF: asked for each message; without subscribers nothing more is done for it. */
export function isSendWatched(): boolean {
  return watchedChannel("postrider:send") !== undefined;
}

/** Begins a send that can be watched; undefined for content of an envelope that was opened by hand. Returns what ends it. */
export function watchSend(server: ServerAttributes, delivery: Delivery): ((verdict: unknown) => void) | undefined {
  const { envelope, messageId } = delivery;
  if (envelope === undefined) return undefined;
  const context: SendContext = {
    ...server,
    messageId,
    recipientCount: envelope.recipients.length,
    envelope: () => ({
      sender: envelope.sender?.address ?? "",
      recipients: envelope.recipients.map((recipient) => recipient.address),
    }),
  };
  const channel = watchedChannel("postrider:send");
  channel?.start.publish(context);
  channel?.end.publish(context);
  return (verdict) => {
    if (isAccepted(verdict)) {
      context.acceptedCount = verdict.accepted.length;
      context.refusedCount = verdict.refused.length;
      context.reply = verdict.reply;
    } else {
      context.error = verdict;
      channel?.error.publish(context);
    }
    channel?.asyncStart.publish(context);
    channel?.asyncEnd.publish(context);
  };
}

async function watch<T>(name: string, context: object, run: () => Promise<T>, done: (value: T) => void): Promise<T> {
  const channel = watchedChannel(name);
  if (channel === undefined) return run();
  let value: { readonly it: T } | undefined;
  // The channel keeps what the promise gives in the context; the addresses of a result must not be there.
  await channel.tracePromise(async () => {
    value = { it: await run() };
    done(value.it);
  }, context);
  return (value as { readonly it: T }).it;
}
