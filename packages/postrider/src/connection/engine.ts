/**
 * The entry of the second bundle: sockets, TLS, the session and SASL, loaded by the first connection.
 *
 * Layer: connection.
 *
 * PERF: `import()` of this file keeps a third of the code, `node:net` and `node:tls` out of the start of a program that sends later
 * or never.
 */
export { authenticate, tryMechanism } from "./authenticate.js";
export { checkMaySendSecrets, openConnection, upgrade } from "./open-connection.js";
