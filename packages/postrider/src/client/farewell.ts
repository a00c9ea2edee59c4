/**
 * QUIT, for no longer than it is worth.
 *
 * Layer: client. RFC 5321 §4.1.1.10.
 */
import type { Connection } from "./connection.js";

/** Everything that matters is known by then; a server that does not answer QUIT gets no more time than this. */
const FAREWELL_MS = 2000;

export interface Quitting {
  /** Waits for the answer, but not for long, and closes. Never rejects. */
  within(): Promise<void>;
}

/** Queues QUIT behind the work that is there. */
export function sayQuit(connection: Connection): Quitting {
  const answer = connection.command({ kind: "command", verb: "QUIT", line: "QUIT" }, false).catch(() => undefined);
  return {
    within: async () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(connection.timeout, FAREWELL_MS));
      });
      await Promise.race([answer, late]);
      clearTimeout(timer);
      connection.end({ kind: "closed" });
    },
  };
}
