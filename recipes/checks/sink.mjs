// @ts-check
/**
 * A server that takes every message and keeps the recipients alone: fifty thousand messages in an inbox would be another test.
 */

import { once } from "node:events";
import { createServer } from "node:net";

export async function startSink() {
  /** @type {Set<string>} */
  const recipients = new Set();
  /** @type {{ count: number, resolve: () => void } | undefined} */
  let wanted;
  let messages = 0;
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    socket.setEncoding("latin1").setNoDelay();
    let rest = "";
    let isContent = false;
    socket.write("220 sink\r\n");
    socket.on("data", (chunk) => {
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop() ?? "";
      let replies = "";
      for (const line of lines) {
        if (isContent) {
          if (line !== ".") continue;
          isContent = false;
          messages += 1;
          replies += "250 2.0.0 Ok\r\n";
          if (wanted !== undefined && messages >= wanted.count) wanted.resolve();
        } else if (/^EHLO/.test(line)) replies += "250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n";
        else if (/^QUIT/.test(line)) {
          socket.end(`${replies}221 2.0.0 Bye\r\n`);
          return;
        } else if (/^DATA/.test(line)) {
          isContent = true;
          replies += "354 Go\r\n";
        } else {
          const recipient = /^RCPT TO:<([^>]*)>/.exec(line)?.[1];
          if (recipient !== undefined) recipients.add(recipient);
          replies += "250 2.0.0 Ok\r\n";
        }
      }
      socket.write(replies);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    port: address.port,
    recipients,
    get messages() {
      return messages;
    },
    /** @param {number} count @returns {Promise<void>} */
    reached: (count) => new Promise((resolve) => (wanted = { count, resolve })),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
