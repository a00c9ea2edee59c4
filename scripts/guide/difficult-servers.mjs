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
  name: "strict.example.com",
  extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN", "SIZE 1000000"],
  refusals: [
    { command: "MAIL", local: "blocked", reply: "550 5.7.1 This sender is blocked" },
    { command: "RCPT", local: "nobody", reply: "550 5.1.1 No such user here" },
    { command: "RCPT", local: "busy", reply: "451 4.3.0 Try again later" },
  ],
};

/** Refuses credentials, and some senders and recipients. */
export function strictServer() {
  return listen((socket) =>
    converse(socket, { ...STRICT, received: () => socket.write("250 2.0.0 Ok: queued as 1234\r\n") }),
  );
}

/** Takes the whole message and closes the connection without a word. */
export function unreliableServer() {
  return listen((socket) => converse(socket, { ...STRICT, received: () => socket.destroy() }));
}

/** Accepts connections, and that is all. */
export function silentServer() {
  return listen(() => {});
}
