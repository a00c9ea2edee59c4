/**
 * Opening and closing a listener, as promises.
 */
import type { AddressInfo, Server } from "node:net";
import { InboxListenError } from "./errors.js";

type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Starts listening; resolves with the port, 0 for a path.
 *
 * @throws InboxListenError
 */
export function listen(server: Server, option: InboxListenError["option"], place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      reject(new InboxListenError(option, "path" in place ? place.path : place, error));
    };
    server.once("error", onError);
    // Alone on the port: two inboxes that share one would each get half of the mail.
    server.listen({ ...place, exclusive: true }, () => {
      server.off("error", onError);
      resolve(portOf(server.address()));
    });
  });
}

/** Resolves when the server has let go of its port and of its last connection. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once("close", () => resolve());
  });
}

function portOf(address: AddressInfo | string | null): number {
  return address === null || typeof address === "string" ? 0 : address.port;
}
