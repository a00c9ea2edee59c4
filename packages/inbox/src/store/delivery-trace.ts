/**
 * What a file of the Maildir says in front of the message: the envelope, as mail servers note it at delivery, and one line of
 * the inbox's own. All behind that line is the message as it came, byte for byte.
 *
 * RFC 5321 §4.4 (Return-Path).
 */
import { Buffer } from "node:buffer";
import type { Delivery } from "../parse-message.js";

const RETURN_PATH = "Return-Path: ";
const RECIPIENT = "X-Original-To: ";
const OWN = "X-Postrider-Inbox: ";
const OWN_VALUE = /^id=([0-9a-f]{1,32}); at=(\d{1,16}); secure=(yes|no)(?:; user=([\w-]*))?$/;

export function writeTrace({ id, receivedAt, envelope, secure, username }: Delivery): Uint8Array {
  const user = username === undefined ? "" : `; user=${Buffer.from(username).toString("base64url")}`;
  const lines = [
    `${RETURN_PATH}<${envelope.sender}>`,
    ...envelope.recipients.map((recipient) => `${RECIPIENT}${recipient}`),
    `${OWN}id=${id}; at=${receivedAt.getTime()}; secure=${secure ? "yes" : "no"}${user}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n`);
}

/** Undefined when the file does not begin as an inbox writes it. */
export function readTrace(content: Buffer): Delivery | undefined {
  const end = content.indexOf("\r\n", content.indexOf(OWN));
  if (!content.includes(OWN) || end === -1) return undefined;
  const lines = content.toString("utf8", 0, end).split("\r\n");
  const own = OWN_VALUE.exec(lines.pop()?.slice(OWN.length) ?? "");
  const path = /^<(.*)>$/.exec(lines.shift()?.slice(RETURN_PATH.length) ?? "");
  if (own === null || path === null || !lines.every((line) => line.startsWith(RECIPIENT))) return undefined;
  const [, id = "", at = "", secure, user] = own;
  return {
    id,
    receivedAt: new Date(Number(at)),
    envelope: { sender: path[1] ?? "", recipients: lines.map((line) => line.slice(RECIPIENT.length)) },
    raw: new Uint8Array(content.subarray(end + 2)),
    secure: secure === "yes",
    username: user === undefined ? undefined : Buffer.from(user, "base64url").toString(),
  };
}
