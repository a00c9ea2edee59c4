/**
 * A stream that the caller brings: taken over when it is one that can carry SMTP, refused at once when not.
 *
 * Layer: transport.
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isSmtpError, OptionError, type Peer, SmtpConnectError } from "../errors.js";
import { awaitReady, discard } from "./await-ready.js";
import { connectError } from "./connect-errors.js";

/** A stream, or a function that opens one. */
export type StreamSource = Duplex | (() => Duplex | Promise<Duplex>);

/**
 * The stream, connected and untouched: what it has buffered stays in it. From here on it is ours to close.
 *
 * @throws SmtpConnectError when it is closed or the function fails; OptionError when it is no stream of bytes.
 */
export async function adoptStream(source: StreamSource, peer: Peer, signal: AbortSignal): Promise<Duplex> {
  const stream = typeof source === "function" ? await callForStream(source, peer, signal) : source;
  checkKind(stream);
  if (signal.aborted) {
    discard(stream);
    throw signal.reason;
  }
  if (!stream.readable || !stream.writable) {
    discard(stream);
    const hint = typeof source === "function" ? undefined : "A socket serves once; give a function to connect again";
    throw new SmtpConnectError(peer, {
      reason: "the socket is closed already",
      hint,
      cause: stream.errored ?? undefined,
    });
  }
  if (stream instanceof Socket && stream.connecting) {
    await awaitReady(stream, { event: "connect", signal, explain: (error) => connectError(peer, error) });
  }
  return stream;
}

/** Calls the function. An abort does not wait for it: a stream that comes later is closed. */
function callForStream(open: () => Duplex | Promise<Duplex>, peer: Peer, signal: AbortSignal): Promise<Duplex> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted);
    const opened = (stream: Duplex): void => {
      signal.removeEventListener("abort", aborted);
      if (signal.aborted && isStream(stream)) discard(stream);
      resolve(stream);
    };
    const failed = (error: unknown): void => {
      signal.removeEventListener("abort", aborted);
      reject(isSmtpError(error) ? error : connectError(peer, error));
    };
    // The function may throw before it gives a promise.
    new Promise<Duplex>((settle) => settle(open())).then(opened, failed);
  });
}

function checkKind(stream: unknown): asserts stream is Duplex {
  if (!isStream(stream)) throw new OptionError("socket", "must be a Duplex stream, or a function that gives one");
  if (!stream.readableObjectMode && !stream.writableObjectMode && stream.readableEncoding === null) return;
  discard(stream);
  throw new OptionError("socket", "must carry bytes: no object mode, and no setEncoding");
}

const isStream = (value: unknown): value is Duplex =>
  typeof value === "object" && value !== null && "write" in value && "resume" in value && "destroy" in value;
