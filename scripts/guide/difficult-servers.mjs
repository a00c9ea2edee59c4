// @ts-check
/**
 * Servers that say no, for the pages about errors: one that refuses by name, one that hangs up at the worst moment, one that
 * says nothing at all.
 *
 * Layer: scripts.
 */

import { converse, listen } from "./conversation.mjs";

/** @type {Omit<import("./conversation.mjs").Manners, "received">} */
const STRICT = {
  offer: {
    name: "strict.example.com",
    extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"],
    auth: "optional",
    maxMessageBytes: 1_000_000,
  },
  refusals: [
    { command: "MAIL", local: "blocked", reply: { code: 550, text: "5.7.1 This sender is blocked" } },
    { command: "RCPT", local: "nobody", reply: { code: 550, text: "5.1.1 No such user here" } },
    { command: "RCPT", local: "busy", reply: { code: 451, text: "4.3.0 Try again later" } },
  ],
};

/** Refuses credentials, and some senders and recipients. */
export function strictServer() {
  return converse({ ...STRICT, received: () => ({ code: 250, text: "2.0.0 Ok: queued as 1234" }) });
}

/** Takes the whole message and closes the connection without a word. */
export function unreliableServer() {
  return converse({ ...STRICT, received: () => "hang up" });
}

/** Accepts connections, and that is all. */
export function silentServer() {
  return listen(() => {});
}
