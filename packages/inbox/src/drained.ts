/**
 * Back-pressure of a socket, as a promise.
 */
import type { Socket } from "node:net";

/** Resolves when the socket has written what it holds, or is gone. */
export function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}
