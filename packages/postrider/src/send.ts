/**
 * One call that delivers one message: connect, send, QUIT.
 *
 * Layer: entry.
 */
import { callSite, withCallSite } from "./connection/call-edge.js";
import { ClientQueue } from "./connection/client-queue.js";
import { readingWatch } from "./connection/clock.js";
import { awaitQuit, BRIEF_QUIT_WAIT_MS, Connector } from "./connection/connector.js";
import { connectionOptions } from "./options/connection-options.js";
import { type SendOptions, splitSendOptions } from "./options/pool-options.js";
import type { SendResult } from "./result.js";
import { ServerKnowledge } from "./session/knowledge.js";
import { accept, type MessageInput, submitMessage, type UseSubmission } from "./submission/prepare.js";

/**
 * Delivers one message over its own connection.
 *
 * Message and options are checked before the connection is opened. Where the server offers PIPELINING, QUIT is sent together with
 * the end of the message, which saves a round trip.
 *
 * @example
 * const result = await send(
 *   { from: "ann@example.org", to: "bob@example.org", subject: "Hi", text: "Hello" },
 *   { hostname: "127.0.0.1", port: 1025 },
 * );
 *
 * @throws OptionError, AddressError, MessageError before the connection is opened; an SmtpError with its `outcome` after that;
 * `signal.reason` after an abort.
 */
export function send(message: MessageInput, options: SendOptions = {}): Promise<SendResult> {
  return withCallSite(sendOnce(message, options), options?.signal, callSite(send));
}

async function sendOnce(message: MessageInput, options: SendOptions): Promise<SendResult> {
  // A named function, so that it shows in the stack of an error.
  const checkOptions = () => {
    const { connection, delivery } = splitSendOptions(options);
    return { settings: connectionOptions(connection), asked: delivery };
  };
  const { settings, asked } = accept(message, checkOptions);
  const deliver: UseSubmission<SendResult> = async (submission, signal) => {
    // With one message, nothing is written ahead of a verdict.
    const knowledge = new ServerKnowledge({ behind: "unused", chunking: "unused" });
    const connector = new Connector(settings, knowledge);
    const queue = new ClientQueue({
      mayRenew: () => connector.mayReopen,
      open: (ending) => connector.open({ signal: ending }),
      isQuitEarly: true,
    });
    queue.attach(await connector.open());
    const sending = queue.send(submission, signal);
    // Queued in the same turn of the event loop, so that QUIT can share a write with the content.
    const quitting = queue.command({ kind: "command", verb: "QUIT", line: "QUIT" }, false);
    try {
      return await sending;
    } finally {
      // The verdict is known: the result does not wait for the reply to QUIT.
      void awaitQuit(quitting, queue, BRIEF_QUIT_WAIT_MS);
    }
  };
  return submitMessage(message, asked, deliver, readingWatch(settings.timeouts.content));
}
