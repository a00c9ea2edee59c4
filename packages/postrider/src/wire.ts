/**
 * `postrider/wire`: the syntax of SMTP, for those who write a server, a proxy or a test. Bytes and text to values and back; no
 * sessions, no I/O.
 *
 * Layer: wire.
 */

export type { SmtpReply } from "./reply.js";
export { type Capabilities, type Limits, parseCapabilities } from "./wire/capabilities.js";
export { type CheckedCommand, checkCommand, checkParameters, encodeXtext, type Parameter } from "./wire/command.js";
export { DotStuffer, stuffDots } from "./wire/dot-stuffing.js";
export { makeReply, type ReplyFault, type ReplyFaultKind, ReplyParser } from "./wire/reply.js";
export {
  DotUnstuffer,
  decodeXtext,
  formatReply,
  parseCommand,
  parsePath,
  type ReceivedCommand,
  type ReceivedPath,
} from "./wire/server.js";
