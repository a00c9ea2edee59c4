// @ts-check
/**
 * Servers that say no, for the pages about errors: one that refuses by name, one that hangs up at the worst moment, one that
 * says nothing at all.
 *
 * Layer: scripts.
 */

import { createServer } from "node:net";

/** @typedef {import("node:net").Socket} Socket */

/** @typedef {{ port: number, close(): Promise<void> }} Listening */

const EXTENSIONS = [
  "strict.example.com",
  "PIPELINING",
  "8BITMIME",
  "SMTPUTF8",
  "ENHANCEDSTATUSCODES",
  "AUTH PLAIN LOGIN",
  "SIZE 1000000",
];

/** What a name before the @ brings its owner. */
const REFUSALS = [
  { command: "MAIL", local: "blocked", reply: "550 5.7.1 This sender is blocked" },
  { command: "RCPT", local: "nobody", reply: "550 5.1.1 No such user here" },
  { command: "RCPT", local: "busy", reply: "451 4.3.0 Try again later" },
];

/** Refuses credentials, and some senders and recipients. */
export function strictServer() {
  return listen((socket) => converse(socket, () => socket.write("250 2.0.0 Ok: queued as 1234\r\n")));
}

/** Takes the whole message and closes the connection without a word. */
export function unreliableServer() {
  return listen((socket) => converse(socket, () => socket.destroy()));
}

/** Accepts connections, and that is all. */
export function silentServer() {
  return listen(() => {});
}

/**
 * @param {Socket} socket
 * @param {() => void} received Called when a message has come to its end.
 */
function converse(socket, received) {
  let buffered = "";
  let inContent = false;
  socket.setEncoding("latin1");
  socket.write("220 strict.example.com ESMTP\r\n");
  socket.on("data", (text) => {
    buffered += text;
    for (let end = buffered.indexOf("\r\n"); end >= 0; end = buffered.indexOf("\r\n")) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 2);
      if (inContent) {
        if (line !== ".") continue;
        inContent = false;
        received();
      } else {
        const reply = replyTo(line);
        inContent = reply.startsWith("354");
        socket.write(`${reply}\r\n`);
        if (reply.startsWith("221")) socket.end();
      }
    }
  });
}

/** @param {string} line */
function replyTo(line) {
  const command = line.slice(0, 4).toUpperCase();
  const refusal = REFUSALS.find((row) => row.command === command && line.includes(`<${row.local}@`));
  if (refusal !== undefined) return refusal.reply;
  switch (command) {
    case "EHLO":
      return EXTENSIONS.map((text, index) => `250${index < EXTENSIONS.length - 1 ? "-" : " "}${text}`).join("\r\n");
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
 * @returns {Promise<Listening>}
 */
function listen(serve) {
  /** @type {Set<Socket>} */
  const open = new Set();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    serve(socket);
  });
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
