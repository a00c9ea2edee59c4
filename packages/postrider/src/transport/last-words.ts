/**
 * Lets a socket read on after a write failed, so that the last words of the server are heard.
 *
 * Layer: transport.
 *
 * QUIRK: a server that has had enough says "421 ..." and closes. When we write twice before we come round to reading, the
 * second write fails (EPIPE, ECONNRESET), and Node destroys a socket for that: the 421 in the system's buffer, which tells
 * the reason, would never be read. The read side finds out by itself that the peer is gone, after the last byte.
 */
import type { Socket } from "node:net";

type WriteCallback = (error?: Error | null) => void;

/** A write of this socket that finds the peer gone stays unfinished until the read side ends or breaks, which comes next. */
export function hearLastWords(socket: Socket): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, unlessPeerIsGone(done));
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, unlessPeerIsGone(done));
}

function unlessPeerIsGone(done: WriteCallback): WriteCallback {
  return (error) => {
    if (!isLostPeer(error)) done(error);
  };
}

function isLostPeer(
  error: (Error & { readonly code?: string; readonly syscall?: string }) | null | undefined,
): boolean {
  return error?.syscall === "write" && (error.code === "EPIPE" || error.code === "ECONNRESET");
}
