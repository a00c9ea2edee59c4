/**
 * Releases a message to the one address of the options, and to no other: its own recipients are never sent to.
 *
 * RFC 5322 §3.6.6 (Resent fields).
 */
import { randomUUID } from "node:crypto";
import type { InboxMessage } from "./message.js";
import type { InboxRelease } from "./options.js";

/** Sends one message; resolves with the server's reply, rejects with the library's error. */
export type Release = (message: InboxMessage) => Promise<string>;

export function releaseTo({ to, server }: InboxRelease): Release {
  return async (message) => {
    // PERF: most inboxes release nothing, and start without the library.
    const { send } = await import("postrider");
    // SECURITY: the envelope is the address of the options on both sides: a bounce reaches nobody else either.
    const result = await send(resent(message.raw, to), { url: server, sender: to, recipients: [to] });
    return `${result.reply.code} ${result.reply.message}`;
  };
}

/** The message as it came, under fields that say who sent it again. */
function resent(raw: Uint8Array, to: string): Uint8Array {
  const domain = to.slice(to.lastIndexOf("@") + 1);
  const fields = [
    `Resent-Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Resent-From: ${to}`,
    `Resent-To: ${to}`,
    `Resent-Message-ID: <${randomUUID()}@${domain}>`,
  ];
  return Buffer.concat([Buffer.from(`${fields.join("\r\n")}\r\n`), raw]);
}
