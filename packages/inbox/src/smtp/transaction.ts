/**
 * A transaction of a server's session, and what MAIL, RCPT, DATA and the content are answered with.
 *
 * RFC 5321 §3.3 (order), §4.1.1.2 to 4.1.1.4, RFC 1870 §6 (SIZE), RFC 6152 (BODY).
 */
import { parsePath } from "postrider/wire";
import type { Reply, SessionOptions } from "./session-types.js";

/** One message on its way in. */
export interface Transaction {
  readonly sender: string;
  readonly recipients: string[];
  /** Bytes of the content so far. */
  size: number;
  isTooLarge: boolean;
}

/** RFC 5321 §4.5.3.1.8 asks for 100; a hundred times that still bounds what one transaction holds. */
const MAX_RECIPIENTS = 10_000;
const TOO_LARGE: Reply = { code: 552, text: "5.3.4 Message exceeds the maximum size" };
const BODIES: readonly unknown[] = ["7BIT", "8BITMIME"];

export function mailReply(
  argument: string,
  open: Transaction | undefined,
  { maxMessageBytes }: SessionOptions,
): { readonly sender: string; readonly reply: Reply } {
  const path = parsePath(argument, "FROM");
  const refuse = (code: number, text: string): { sender: string; reply: Reply } => ({
    sender: path?.address ?? "",
    reply: { code, text },
  });
  if (open !== undefined) return refuse(503, "5.5.1 There is a transaction already");
  if (path === undefined) return refuse(501, "5.1.7 MAIL must be MAIL FROM:<address>, then parameters");
  const { address: sender, parameters } = path;
  const size = parameters.get("SIZE");
  if (parameters.has("SIZE") && !/^\d{1,20}$/.test(size ?? "")) return refuse(501, "5.5.4 SIZE must be a number");
  if (maxMessageBytes !== undefined && Number(size ?? 0) > maxMessageBytes) return { sender, reply: TOO_LARGE };
  if (parameters.has("BODY") && !BODIES.includes(parameters.get("BODY")?.toUpperCase())) {
    return refuse(501, "5.5.4 BODY must be 7BIT or 8BITMIME");
  }
  return { sender, reply: { code: 250, text: "2.1.0 Accepted" } };
}

export function rcptReply(
  argument: string,
  open: Transaction | undefined,
  { maxRecipients = MAX_RECIPIENTS }: SessionOptions,
): { readonly recipient: string; readonly reply: Reply } {
  const recipient = parsePath(argument, "TO")?.address ?? "";
  const refuse = (code: number, text: string): { recipient: string; reply: Reply } => ({
    recipient,
    reply: { code, text },
  });
  if (open === undefined) return refuse(503, "5.5.1 MAIL comes first");
  if (recipient === "") return refuse(501, "5.1.3 RCPT must be RCPT TO:<address>, then parameters");
  if (open.recipients.length >= maxRecipients) return refuse(452, "4.5.3 Too many recipients");
  return refuse(250, "2.1.5 Accepted");
}

export function dataReply(open: Transaction | undefined): Reply {
  if (open === undefined || open.recipients.length === 0) return { code: 503, text: "5.5.1 RCPT comes first" };
  return { code: 354, text: "End data with <CR><LF>.<CR><LF>" };
}

export function contentReply({ isTooLarge }: Transaction): Reply {
  return isTooLarge ? TOO_LARGE : { code: 250, text: "2.6.0 OK" };
}
