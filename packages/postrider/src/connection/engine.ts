/**
 * What it takes to open a connection and to log in on it, as one piece: sockets, TLS, the session, SASL.
 *
 * PERF: everything that needs it is asynchronous and loads this file when it comes to it. That keeps a third of the code, and
 * Node's `node:net` and `node:tls`, out of the start of programs that import the library and may send later, or not at all.
 *
 * Layer: connection.
 */

export { authenticate, tryMechanism } from "./authenticate.js";
export { checkMaySendSecrets, openConnection, upgrade } from "./open-connection.js";
