/**
 * Commands as they are watched: from the moment in which one is written to its reply, however many are on their way.
 *
 * Layer: client.
 */
import type { Expectation, WireTrace } from "../protocol/work.js";
import { watchedChannel } from "../transport/diagnostics-channel.js";
import type { CommandContext, ServerAttributes } from "./channels.js";

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
