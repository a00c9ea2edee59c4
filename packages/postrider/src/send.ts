/**
 * One call that delivers one message: connect, send, leave.
 *
 * Layer: root.
 */
import { callSite, withCallSite } from "./connection/call-edge.js";
import { ClientQueue } from "./connection/client-queue.js";
import { readingWatch } from "./connection/clock.js";
import { awaitQuit, BRIEF_QUIT_WAIT_MS, Connector } from "./connection/connector.js";
import { connectionOptions } from "./options/connection-options.js";
import type { SendOptions } from "./options/pool-options.js";
import { splitSendOptions } from "./options/pool-options.js";
import type { SendResult } from "./result.js";
import { ServerKnowledge } from "./session/knowledge.js";
import { accept, type MessageInput, submitMessage, type UseSubmission } from "./submission/prepare.js";

/**
 * Delivers one message over a connection of its own.
 *
 * Everything is checked before the connection is opened. Where the server allows pipelining, QUIT leaves together with the
 * end of the message: the whole session then takes as few round trips as SMTP has.
 *
 * @example
 * const result = await send(
 *   { from: "ann@example.org", to: "bob@example.org", subject: "Hi", text: "Hello" },
 *   { hostname: "127.0.0.1", port: 1025 },
 * );
 *
 * @throws OptionError, AddressError, MessageError before anything is opened; SmtpError with its `outcome` after that;
 * `signal.reason` after an abort.
 */
export function send(message: MessageInput, options: SendOptions = {}): Promise<SendResult> {
  return withCallSite(sendOnce(message, options), options?.signal, callSite(send));
}

async function sendOnce(message: MessageInput, options: SendOptions): Promise<SendResult> {
  // A name, for the trace of an error.
  const checkOptions = () => {
    const { connection, delivery } = splitSendOptions(options);
    return { settings: connectionOptions(connection), asked: delivery };
  };
  const { settings, asked } = accept(message, checkOptions);
  const deliver: UseSubmission<SendResult> = async (submission, signal) => {
    // One message has nothing to be written ahead of.
    const knowledge = new ServerKnowledge({ behind: "unused", chunking: "unused" });
    const connector = new Connector(settings, knowledge);
    const queue = new ClientQueue({
      mayRenew: () => connector.mayReopen,
      open: (ending) => connector.open({ signal: ending }),
      isQuitEarly: true,
    });
    queue.attach(await connector.open());
    const sending = queue.send(submission, signal);
    // Queued in the same turn, so that QUIT can share a write with the content.
    const quitting = queue.command({ kind: "command", verb: "QUIT", line: "QUIT" }, false);
    try {
      return await sending;
    } finally {
      // The verdict is known: nobody waits for the reply to QUIT.
      void awaitQuit(quitting, queue, BRIEF_QUIT_WAIT_MS);
    }
  };
  return submitMessage(message, asked, deliver, readingWatch(settings.timeouts.content));
}
