// @ts-check
/**
 * A server of the guide that talks by a script: what it offers, whom it refuses, and what it does when a message has come.
 *
 * Layer: scripts.
 */

import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** @typedef {import("node:net").Socket} Socket */

/** @typedef {{ port: number, close(): Promise<void> }} Listening */

/** @typedef {{ command: "MAIL" | "RCPT", local: string, reply: string }} Refusal A name before the @, and what it brings. */

/**
 * @typedef {object} Manners
 * @property {string} name
 * @property {readonly string[]} extensions
 * @property {readonly Refusal[]} [refusals]
 * @property {(socket: Socket, recipients: readonly string[]) => void} received Called when a message has come to its end, with
 *   the local parts of those it is for.
 */

/**
 * @param {Socket} socket
 * @param {Manners} manners
 */
export function converse(socket, manners) {
  let buffered = "";
  let inContent = false;
  /** @type {string[]} */
  let recipients = [];
  socket.setEncoding("latin1");
  socket.write(`220 ${manners.name} ready\r\n`);
  socket.on("data", (text) => {
    buffered += text;
    for (let end = buffered.indexOf("\r\n"); end >= 0; end = buffered.indexOf("\r\n")) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 2);
      if (inContent) {
        if (line !== ".") continue;
        inContent = false;
        manners.received(socket, recipients);
        recipients = [];
      } else {
        const reply = replyTo(line, manners);
        inContent = reply.startsWith("354");
        const recipient = /^RCPT TO:<([^@>]*)/i.exec(line)?.[1];
        if (recipient !== undefined && reply.startsWith("250")) recipients.push(recipient);
        socket.write(`${reply}\r\n`);
        if (reply.startsWith("221")) socket.end();
      }
    }
  });
}

/**
 * @param {string} line
 * @param {Manners} manners
 */
function replyTo(line, { name, extensions, refusals = [] }) {
  const command = line.slice(0, 4).toUpperCase();
  const refusal = refusals.find((row) => row.command === command && line.includes(`<${row.local}@`));
  if (refusal !== undefined) return refusal.reply;
  switch (command) {
    case "EHLO":
    case "LHLO":
      return [name, ...extensions]
        .map((text, index, { length }) => `250${index < length - 1 ? "-" : " "}${text}`)
        .join("\r\n");
    case "AUTH":
      return "535 5.7.8 Authentication credentials invalid";
    case "DATA":
      return "354 Go ahead";
    case "QUIT":
      return "221 2.0.0 Bye";
    case "HELO":
    case "MAIL":
    case "RCPT":
    case "RSET":
    case "NOOP":
      return "250 2.0.0 Ok";
    default:
      return "502 5.5.2 Not implemented";
  }
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
