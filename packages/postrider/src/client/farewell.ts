/**
 * Sends QUIT and waits a bounded time for the reply.
 *
 * Layer: client. RFC 5321 §4.1.1.10.
 */
import type { SmtpReply } from "../reply.js";
import type { Connection } from "./connection.js";
import type { Ending } from "./ending.js";

/** What a caller who waits for the end of a session waits for the reply to QUIT, in milliseconds. */
export const FAREWELL_MS = 2000;
/** The same where nobody waits: every verdict is known by then. */
export const BRIEF_FAREWELL_MS = 250;

/** Sends QUIT behind the work that the connection has, waits for the reply at most `limit` ms, and closes. Never rejects. */
export function sayQuit(connection: Connection, limit: number = FAREWELL_MS): Promise<void> {
  connection.retire();
  return closeAfter(connection.command({ kind: "command", verb: "QUIT", line: "QUIT" }), connection, limit);
}

/** Waits for the reply to a QUIT at most `limit` ms, and closes. Never rejects. */
export async function closeAfter(
  reply: Promise<SmtpReply>,
  connection: { readonly timeout: number; end(ending: Ending): void },
  limit: number,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(connection.timeout, limit));
  });
  await Promise.race([reply.catch(() => undefined), late]);
  clearTimeout(timer);
  connection.end({ kind: "closed" });
}
