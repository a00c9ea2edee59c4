// @ts-check
/**
 * Servers that can more than the inbox: a submission server with every extension that a delivery option asks for, and the LMTP
 * server of a mail store.
 *
 * Layer: scripts.
 */

import { converse } from "./conversation.mjs";

/**
 * TLS from the first byte.
 * @param {{ key: string, cert: string }} identity
 */
export function submissionServer(identity) {
  const extensions = [
    ...["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "REQUIRETLS", "DELIVERBY"],
    ...["FUTURERELEASE 2592000 2100-01-01T00:00:00Z", "MT-PRIORITY MIXER"],
  ];
  const offer = { name: "submit.example.com", extensions, maxMessageBytes: 50_000_000 };
  return converse({ offer, received: () => ({ code: 250, text: "2.0.0 Ok: queued as 1234" }) }, identity);
}

/** Answers for each recipient; the mailbox of `full` has no room. */
export function lmtpServer() {
  return converse({
    offer: {
      name: "store.example.com",
      protocol: "lmtp",
      extensions: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"],
    },
    refusals: [{ command: "RCPT", local: "nobody", reply: { code: 550, text: "5.1.1 No such user here" } }],
    received: (recipients) =>
      recipients.map((recipient) =>
        recipient === "full" ? { code: 452, text: "4.2.2 Mailbox full" } : { code: 250, text: "2.1.5 Saved" },
      ),
  });
}
