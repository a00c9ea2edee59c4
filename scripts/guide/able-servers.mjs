// @ts-check
/**
 * Servers that can more than the inbox: a submission server with every extension that a delivery option asks for, and the LMTP
 * server of a mail store.
 *
 * Layer: scripts.
 */

import { converse, listen } from "./conversation.mjs";

/**
 * TLS from the first byte.
 * @param {{ key: string, cert: string }} identity
 */
export function submissionServer(identity) {
  const manners = {
    name: "submit.example.com",
    extensions: [
      "PIPELINING",
      "8BITMIME",
      "SMTPUTF8",
      "ENHANCEDSTATUSCODES",
      "SIZE 50000000",
      "DSN",
      "REQUIRETLS",
      "DELIVERBY",
      "FUTURERELEASE 2592000 2100-01-01T00:00:00Z",
      "MT-PRIORITY MIXER",
    ],
  };
  return listen(
    (socket) => converse(socket, { ...manners, received: () => socket.write("250 2.0.0 Ok: queued as 1234\r\n") }),
    identity,
  );
}

/** Answers for each recipient; the mailbox of `full` has no room. */
export function lmtpServer() {
  const manners = {
    name: "store.example.com",
    extensions: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"],
    refusals: [{ command: /** @type {const} */ ("RCPT"), local: "nobody", reply: "550 5.1.1 No such user here" }],
  };
  return listen((socket) =>
    converse(socket, {
      ...manners,
      received: (_, recipients) => {
        for (const recipient of recipients) {
          socket.write(recipient === "full" ? "452 4.2.2 Mailbox full\r\n" : "250 2.1.5 Saved\r\n");
        }
      },
    }),
  );
}
