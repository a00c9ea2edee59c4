/**
 * A connection that another one follows, once the server takes no more messages on it.
 *
 * Layer: client. RFC 9422 §4.1 (MAILMAX), §4.3 (RCPTDOMAINMAX).
 */
import { SmtpDisconnectedError } from "../errors.js";
import type { ResolvedConnectionOptions } from "../options/connection-options.js";
import type { Connection } from "./connection.js";
import { sayQuit } from "./farewell.js";
import type { OpenedConnection } from "./open-connection.js";

export interface Follower {
  /** False once the caller has changed the session by hand: what the options make is no longer the same. */
  mayFollow(): boolean;
  /** Is told of each connection that follows. */
  follow(opened: OpenedConnection): void;
}

/** Lets a connection be followed by others that the same options make, unless a socket was given, which serves once. */
export function letFollow(connection: Connection, options: ResolvedConnectionOptions, follower: Follower): void {
  const { target } = options;
  if (target.kind === "socket" && typeof target.socket !== "function") return;
  connection.successor = {
    mayOpen: () => follower.mayFollow(),
    open: () => openNext(connection, options, follower),
    handedOver: () => void sayQuit(connection).within(),
  };
}

async function openNext(
  connection: Connection,
  options: ResolvedConnectionOptions,
  follower: Follower,
): Promise<Connection> {
  const ending = new AbortController();
  const gone = (): SmtpDisconnectedError => new SmtpDisconnectedError("The connection was closed", { phase: "mail" });
  void connection.ended.then(() => ending.abort(gone()));
  const { chunking, transport } = connection;
  const { openConnection } = await import("./engine.js");
  const opened = await openConnection(options, { signal: ending.signal, chunking, tlsSession: transport.tlsSession });
  // In the same turn: whoever closes the one from here on closes the other.
  if (connection.ending === undefined) {
    letFollow(opened.connection, options, follower);
    follower.follow(opened);
    return opened.connection;
  }
  opened.connection.end({ kind: "closed" });
  throw gone();
}
