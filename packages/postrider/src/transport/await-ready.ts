/**
 * One step in the making of a connection: a stream gets ready, or fails, or is given up.
 *
 * Layer: transport.
 */
import type { Duplex } from "node:stream";

export interface ReadyOptions {
  readonly event: "connect" | "secureConnect";
  /** An abort destroys the stream. */
  readonly signal: AbortSignal;
  /** Turns what happened into the error to reject with; undefined: the stream ended or was closed without an error. */
  readonly explain: (error: Error | undefined) => Error;
}

/** Resolves when the stream emits the event. In all other cases the stream is destroyed before the promise rejects. */
export function awaitReady(stream: Duplex, { event, signal, explain }: ReadyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      signal.removeEventListener("abort", aborted);
      stream.off(event, ready).off("error", broken).off("end", ended).off("close", ended);
    };
    const giveUp = (reason: unknown): void => {
      stop();
      discard(stream);
      reject(reason);
    };
    const ready = (): void => {
      stop();
      resolve();
    };
    const broken = (error: Error): void => giveUp(explain(error));
    const ended = (): void => giveUp(explain(undefined));
    const aborted = (): void => giveUp(signal.reason);

    if (signal.aborted) return giveUp(signal.reason);
    signal.addEventListener("abort", aborted);
    stream.on(event, ready).on("error", broken).on("end", ended).on("close", ended);
  });
}

/** Closes a stream for good: what it still has to complain about is no longer of interest, and must not end the process. */
export function discard(stream: Duplex): void {
  stream.on("error", ignore);
  stream.destroy();
}

function ignore(): void {}
