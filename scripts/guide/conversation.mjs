// @ts-check
/**
 * A server of the guide: the session of the inbox, with what it offers, whom it refuses, and what it says when a message has come.
 *
 * Layer: scripts. Needs the packages built.
 */

import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { sessionModule } from "../workspace/built.mjs";

/** @typedef {import("node:net").Socket} Socket */

/** @typedef {{ port: number, close(): Promise<void> }} Listening */

/** @typedef {{ command: "MAIL" | "RCPT", local: string, reply: Reply }} Refusal A name before the @, and what it brings. */

/** @typedef {import("../../packages/inbox/src/session.js").Reply} Reply */

/** @typedef {import("../../packages/inbox/src/session.js").Answer} Answer */

/**
 * @typedef {object} Manners
 * @property {import("../../packages/inbox/src/session.js").SessionOptions} offer
 * @property {readonly Refusal[]} [refusals]
 * @property {(recipients: readonly string[]) => Answer} received What is said to a message; it is given the local parts of those it is
 *   for.
 */

/** @type {Reply} */
const NO_LOGIN = { code: 535, text: "5.7.8 Authentication credentials invalid" };

/**
 * @param {Manners} manners
 * @param {{ key: string, cert: string }} [identity] For TLS from the first byte.
 */
export async function converse({ offer, refusals = [], received }, identity) {
  const { ServedConnection } = await sessionModule();
  /** @param {"MAIL" | "RCPT"} command @param {string} address */
  const refused = (command, address) =>
    refusals.find((row) => row.command === command && address.startsWith(`${row.local}@`))?.reply;
  /** @type {import("../../packages/inbox/src/session.js").Take} */
  const take = (step) => {
    switch (step.step) {
      case "auth":
      case "login":
        return step.login === undefined ? undefined : NO_LOGIN;
      case "mail":
        return refused("MAIL", step.sender);
      case "rcpt":
        return refused("RCPT", step.recipient);
      case "content":
        return received(step.recipients.map((address) => address.split("@", 1)[0] ?? ""));
      default:
        return undefined;
    }
  };
  const session = { ...offer, secure: identity !== undefined };
  return listen((socket) => void new ServedConnection(socket, { session, take }), identity);
}

/**
 * @param {(socket: Socket) => void} serve
 * @param {{ key: string, cert: string }} [identity] For TLS from the first byte.
 * @returns {Promise<Listening>}
 */
export function listen(serve, identity) {
  /** @type {Set<Socket>} */
  const open = new Set();
  /** @param {Socket} socket */
  const accept = (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    serve(socket);
  };
  const server = identity === undefined ? createServer(accept) : createTlsServer(identity, accept);
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
      resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of open) socket.destroy();
          }),
      });
    });
  });
}
