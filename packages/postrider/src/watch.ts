/**
 * Observability: the option `trace`, and the tracing channels of `node:diagnostics_channel` for connections, messages and commands.
 *
 * Layer: watch. Without subscribers nothing is built. SECURITY: events hold no credentials and no content, and addresses only by a call;
 * secrets are redacted where the lines are made (session/), so that every path has them redacted.
 */

import type { Channel, TracingChannel } from "node:diagnostics_channel";
import { isError, type Peer } from "./errors/errors.js";
import type { TraceEvent } from "./options/connection-options.js";
import type { SmtpReply } from "./reply.js";
import { isAccepted, type SentEnvelope } from "./result.js";
import type { Expectation, WireTrace } from "./session/work.js";
import type { Delivery } from "./submission/submission.js";

/** The server of an event. */
export interface ServerAttributes {
  /** The protocol of the connection. */
  readonly protocol: "smtp" | "lmtp";
  /** Name or address; undefined for a Unix socket or a given stream without `hostname`. */
  readonly hostname: string | undefined;
  /** The TCP port, 1 to 65535; undefined for a Unix socket or a given stream. */
  readonly port: number | undefined;
}

/** Context of `tracing:postrider:connect:*`. */
export interface ConnectContext extends ServerAttributes {
  /** Whether the connection has TLS; set at the end. */
  isSecure?: boolean;
  /** What connecting failed with; absent when it succeeded. */
  error?: unknown;
}

/** Context of `tracing:postrider:send:*`. */
export interface SendContext extends ServerAttributes {
  /** The Message-ID, in angle brackets; undefined for a raw message whose header was not read. */
  readonly messageId: string | undefined;
  /** Recipients in the envelope. */
  readonly recipientCount: number;
  /** The addresses of the envelope: a function, since they are personal data that a trace should not hold by accident. */
  envelope(): SentEnvelope;
  /** Recipients that the server accepted; set at the end of a message that was accepted. */
  acceptedCount?: number;
  /** Recipients that the server refused; set at the end of a message that was accepted. */
  refusedCount?: number;
  /** The reply after the content; set at the end of a message that was accepted. */
  reply?: SmtpReply;
  /** What the message failed with; absent when it was accepted. */
  error?: unknown;
}

/** Context of `tracing:postrider:command:*`. */
export interface CommandContext extends ServerAttributes {
  /** `EHLO`, `MAIL`, ...; `GREETING` is what the server says first, `CONTENT` the message itself, after DATA or by BDAT. */
  readonly command: string;
  /** The reply, set at the end; absent when the connection ended first. */
  reply?: SmtpReply;
  /** What ended the connection before the reply; absent when the reply came. */
  error?: unknown;
}

/** A server in memory, to which the outbox composes: nothing is sent, so nothing is told. RFC 6761 §6.4: no host has such a name. */
const REHEARSAL = "rehearsal.invalid";

export function serverAttributes(peer: Peer, isLmtp: boolean): ServerAttributes {
  return { protocol: isLmtp ? "lmtp" : "smtp", hostname: peer.hostname, port: peer.port };
}

/** Runs a connect with the events of its tracing channel. */
export function watchConnect<T>(
  server: ServerAttributes,
  run: () => Promise<T>,
  isSecure: (connected: T) => boolean,
): Promise<T> {
  if (server.hostname === REHEARSAL) return run();
  const context: ConnectContext = { ...server };
  return watch("postrider:connect", context, run, (connected) => {
    context.isSecure = isSecure(connected);
  });
}

/** PERF: called for each message; without subscribers nothing else is done. */
export function isSendWatched(): boolean {
  return watchedChannel("postrider:send") !== undefined;
}

/** Publishes the start of a send and returns the function that ends it; undefined for an envelope opened by hand. */
export function watchSend(server: ServerAttributes, delivery: Delivery): ((verdict: unknown) => void) | undefined {
  const { envelope, messageId } = delivery;
  if (envelope === undefined || server.hostname === REHEARSAL) return undefined;
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
  // tracePromise stores the result in the context; the addresses in a result must not be there.
  await channel.tracePromise(async () => {
    value = { it: await run() };
    done(value.it);
  }, context);
  return (value as { readonly it: T }).it;
}

const CHANNEL = "postrider:command";

export interface CommandWatch extends Required<Pick<WireTrace, "asked" | "answered">> {
  /** The connection has ended: commands without a reply end with the error. */
  ended(error: unknown): void;
}

/** Undefined without subscribers: a connection is watched from its start or not at all. */
export function watchCommands(server: ServerAttributes): CommandWatch | undefined {
  if (watchedChannel(CHANNEL) === undefined || server.hostname === REHEARSAL) return undefined;
  const open = new Map<Expectation, CommandContext>();
  return {
    asked: (expectation) => {
      const context: CommandContext = { ...server, command: commandName(expectation) };
      open.set(expectation, context);
      const channel = watchedChannel(CHANNEL);
      channel?.start.publish(context);
      channel?.end.publish(context);
    },
    answered: (expectation, reply) => {
      const context = open.get(expectation);
      // LMTP sends one reply to the content for each recipient: the first ends the event.
      if (context === undefined) return;
      open.delete(expectation);
      context.reply = reply;
      finish(context);
    },
    ended: (error) => {
      for (const context of open.values()) {
        context.error = error;
        watchedChannel(CHANNEL)?.error.publish(context);
        finish(context);
      }
      open.clear();
    },
  };
}

function finish(context: CommandContext): void {
  const channel = watchedChannel(CHANNEL);
  channel?.asyncStart.publish(context);
  channel?.asyncEnd.publish(context);
}

function commandName(expectation: Expectation): string {
  switch (expectation.slot) {
    case "command":
      return expectation.work.verb;
    case "reset":
      return "RSET";
    case "chunk":
    case "content":
      return "CONTENT";
    default:
      return expectation.slot.toUpperCase();
  }
}

/** The option `trace`, guarded: an error that it throws neither breaks the session nor ends the process. */
export type Tracer = (event: TraceEvent) => void;

/** The trace of a session; undefined without `trace` and without subscribers. */
export function wireTrace(trace: Tracer | undefined, watch: CommandWatch | undefined): WireTrace | undefined {
  if (trace === undefined && watch === undefined) return undefined;
  return {
    client: (line) => trace?.({ type: "client", line }),
    server: (line) => trace?.({ type: "server", line }),
    content: (bytes) => trace?.({ type: "content", bytes }),
    ...(watch === undefined ? {} : { asked: watch.asked, answered: watch.answered }),
  };
}

/** The function of the caller, with its errors caught. */
export function guardTrace(trace: Tracer | undefined): Tracer | undefined {
  if (trace === undefined) return undefined;
  return (event) => {
    try {
      trace(event);
    } catch (error) {
      warnOfWatcher("trace", error);
    }
  };
}

type Watched = TracingChannel<unknown, object>;

const channels = new Map<string, Watched | undefined>();
/** Watchers that were warned of: each is warned of once, so that a logger that always throws does not flood the log. */
const warned = new Set<string>();

/** Emits a process warning for a watcher (a trace, a subscriber) that threw, once for each. */
function warnOfWatcher(watcher: string, error: unknown): void {
  if (warned.has(watcher)) return;
  warned.add(watcher);
  const said = isError(error) ? (error.stack ?? error.message) : String(error);
  process.emitWarning?.(`${watcher} threw an error, which is ignored, now and later: ${said}`, {
    type: "PostriderWarning",
  });
}

/** The tracing channel of that name if it has subscribers; undefined without, and on runtimes without tracing channels. */
function watchedChannel(name: string): Watched | undefined {
  if (!channels.has(name)) {
    const diagnostics = process.getBuiltinModule?.("node:diagnostics_channel");
    const channel: Watched | undefined = diagnostics?.tracingChannel?.(name);
    if (channel !== undefined) for (const one of eventsOf(channel)) guardSubscribers(one);
    channels.set(name, channel);
  }
  const channel = channels.get(name);
  return channel !== undefined && isWatched(channel) ? channel : undefined;
}

/** QUIRK: Bun has `hasSubscribers` only on each single channel. */
function isWatched(channel: TracingChannel<unknown, object>): boolean {
  const known: boolean | undefined = channel.hasSubscribers;
  return known ?? eventsOf(channel).some((one) => one.hasSubscribers);
}

function eventsOf({ start, end, asyncStart, asyncEnd, error }: Watched): readonly Channel[] {
  return [start, end, asyncStart, asyncEnd, error];
}

/**
 * QUIRK: Node rethrows the error of a subscriber in a tick where it cannot be caught, so that a faulty logger would end the process. The
 * channels belong to Postrider, so `publish` is replaced by one that catches; it falls back where a runtime has no `_subscribers`.
 */
function guardSubscribers(channel: Channel): void {
  const guarded = (message: unknown): void => {
    const subscribers: unknown = (channel as { readonly _subscribers?: unknown })._subscribers;
    if (!Array.isArray(subscribers)) return (Object.getPrototypeOf(channel) as Channel).publish.call(channel, message);
    for (const subscriber of subscribers as ((message: unknown, name: string | symbol) => void)[]) {
      try {
        subscriber(message, channel.name);
      } catch (error) {
        warnOfWatcher(`A subscriber of ${String(channel.name)}`, error);
      }
    }
  };
  Object.defineProperty(channel, "publish", { value: guarded, configurable: true, writable: true });
}
