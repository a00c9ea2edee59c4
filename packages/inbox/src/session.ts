/**
 * `@postrider/inbox/session`: the server's session of the inbox, for test servers that are not an inbox: alone, without I/O, or over a
 * socket.
 */
export type { Login, Mechanism } from "./smtp/login.js";
export { type Answer, ServedConnection, type ServeOptions, type Take } from "./smtp/serve.js";
export { ServerSession } from "./smtp/session.js";
export type {
  Asked,
  AskedCommand,
  AskedContent,
  AskedLogin,
  AskedRecipient,
  AskedSender,
  Overflow,
  Piece,
  Reply,
  SessionOptions,
  SessionState,
} from "./smtp/session-types.js";
