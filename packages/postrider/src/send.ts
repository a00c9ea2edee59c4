/**
 * One call that delivers one message: connect, send, leave.
 *
 * Layer: root.
 */
import { deliver } from "./client/deliver.js";
import { sayQuit } from "./client/farewell.js";
import type { OpenedConnection } from "./client/open-connection.js";
import { letFollow } from "./client/successor.js";
import { connectionOptions } from "./options/connection-options.js";
import { splitSendOptions } from "./options/send-options.js";
import type { SendOptions } from "./options.js";
import type { SendResult } from "./result.js";
import { type MessageInput, submitMessage } from "./submission/prepare.js";

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
export async function send(message: MessageInput, options: SendOptions = {}): Promise<SendResult> {
  const { connection: given, delivery: asked } = splitSendOptions(options);
  const settings = connectionOptions(given);
  return submitMessage(message, asked, async (submission, signal) => {
    const { openConnection } = await import("./client/engine.js");
    const { connection } = await openConnection(settings);
    let last = connection;
    const follow = (next: OpenedConnection): void => {
      last = next.connection;
    };
    letFollow(connection, settings, { mayFollow: () => true, follow });
    // Queued in the same turn, so that QUIT can share a write with the content.
    const sending = deliver(connection, submission, signal);
    const quitting = sayQuit(connection);
    try {
      return await sending;
    } finally {
      await quitting.within();
      last.end({ kind: "closed" });
    }
  });
}
