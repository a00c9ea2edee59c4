/**
 * What can be watched: the caller's trace of every line, and channels of `node:diagnostics_channel` for connections, messages and commands.
 *
 * Layer: watch. Without subscribers nothing is built. SECURITY: no credentials and no content are told, and addresses only to those who
 * ask for them; secrets are replaced where the lines are made (session/), so that no path can forget to.
 */

import type { Channel, TracingChannel } from "node:diagnostics_channel";
import type { Peer } from "./errors/errors.js";
import type { TraceEvent } from "./options/connection-options.js";
import type { SmtpReply } from "./reply.js";
import { isAccepted } from "./result.js";
import type { Expectation, WireTrace } from "./session/work.js";
import type { Delivery } from "./submission/submission.js";

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

const CHANNEL = "postrider:command";

export interface CommandWatch extends Required<Pick<WireTrace, "asked" | "answered">> {
  /** The connection has ended: what is unanswered stays so. */
  ended(error: unknown): void;
}

/** Undefined when nobody listens at this moment: a connection is watched from its beginning, or not at all. */
export function watchCommands(server: ServerAttributes): CommandWatch | undefined {
  if (watchedChannel(CHANNEL) === undefined) return undefined;
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
      // LMTP answers the content once for each recipient: the first answer ends it.
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

/** What the caller's trace throws neither breaks the session nor ends the process. */
export type Tracer = (event: TraceEvent) => void;

/** For the session; undefined when nobody looks. */
export function wireTrace(trace: Tracer | undefined, watch: CommandWatch | undefined): WireTrace | undefined {
  if (trace === undefined && watch === undefined) return undefined;
  return {
    client: (line) => trace?.({ type: "client", line }),
    server: (line) => trace?.({ type: "server", line }),
    content: (bytes) => trace?.({ type: "content", bytes }),
    ...(watch === undefined ? {} : { asked: watch.asked, answered: watch.answered }),
  };
}

/** The caller's function, made safe to call in the middle of anything. */
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
/** Names of those that have been told of, so that a logger that always throws does not flood the log. */
const warned = new Set<string>();

/** A watcher (a trace, a subscriber of a channel) has thrown: told once for each, as a warning of the process. */
export function warnOfWatcher(watcher: string, error: unknown): void {
  if (warned.has(watcher)) return;
  warned.add(watcher);
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning?.(`${watcher} threw an error, which is ignored, now and later: ${said}`, {
    type: "PostriderWarning",
  });
}

/** The channel of that name while somebody listens to it; undefined otherwise, and where the runtime has none. */
export function watchedChannel(name: string): Watched | undefined {
  if (!channels.has(name)) {
    const diagnostics = process.getBuiltinModule?.("node:diagnostics_channel");
    const channel: Watched | undefined = diagnostics?.tracingChannel?.(name);
    if (channel !== undefined) for (const one of eventsOf(channel)) guardSubscribers(one);
    channels.set(name, channel);
  }
  const channel = channels.get(name);
  return channel !== undefined && isWatched(channel) ? channel : undefined;
}

/** QUIRK: Bun's channels say it only one by one. */
function isWatched(channel: TracingChannel<unknown, object>): boolean {
  const known: boolean | undefined = channel.hasSubscribers;
  return known ?? eventsOf(channel).some((one) => one.hasSubscribers);
}

function eventsOf({ start, end, asyncStart, asyncEnd, error }: Watched): readonly Channel[] {
  return [start, end, asyncStart, asyncEnd, error];
}

/**
 * QUIRK: what a subscriber throws, Node throws again where nobody can catch it, and a logger would end the process. The channels are
 * ours, so they publish by themselves; where a runtime keeps its subscribers elsewhere, its own way stays.
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
