/**
 * What Cloudflare Workers give a program: sockets (`cloudflare:sockets`), and the request to which all I/O belongs.
 *
 * Layer: transport.
 */
import { type Peer, SmtpConnectError } from "../../errors/errors.js";
import type { WorkerSocket } from "../../options/target.js";

/** The module `cloudflare:sockets`, as far as it is used here. */
export interface SocketsApi {
  connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly secureTransport: "starttls" },
  ): WorkerSocket;
}

export const IN_A_REQUEST =
  "On Cloudflare Workers a connection belongs to the request that opened it: keep the pool in a Durable Object, or call send() in each request";

/** Undefined on every runtime but that of Cloudflare Workers. */
export function socketsApi(): SocketsApi | undefined {
  return process.getBuiltinModule?.("cloudflare:sockets" as "node:net") as unknown as SocketsApi | undefined;
}

/** Refuses calls that come from another request than the one that opened the connections: they would wait for ever. */
export class RequestGuard {
  /** Throws in another request. */
  #enter: (() => void) | undefined;

  /**
   * @param isIdle nothing is open and nothing queued, so the call may belong to a request of its own
   * @throws SmtpConnectError
   */
  enter(isIdle: boolean, peer: Peer): void {
    if (isIdle) this.#enter = currentRequest();
    try {
      this.#enter?.();
    } catch (cause) {
      const reason = "the connections that are open or being opened belong to another request";
      throw new SmtpConnectError(peer, { reason, hint: IN_A_REQUEST, retry: "never", cause });
    }
  }
}

/** Undefined on other runtimes. QUIRK: workerd has no name for a request, but its snapshots of async context throw in any other. */
function currentRequest(): (() => void) | undefined {
  if (socketsApi() === undefined) return undefined;
  const snapshot = process.getBuiltinModule("node:async_hooks").AsyncLocalStorage.snapshot();
  return () => snapshot(() => undefined);
}
