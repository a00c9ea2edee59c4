// @ts-check
/**
 * A sink inside TLS: takes mail and throws it away. Knows just enough SMTP for that: PIPELINING, no CHUNKING.
 *
 * Layer: bench.
 *
 * Started by itself (its own process): tls-sink.mjs PORT KEY_FILE CERTIFICATE_FILE
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

const [port, key = "", certificate = ""] = process.argv.slice(2);
const END_OF_CONTENT = Buffer.from("\r\n.\r\n");
const LINE_END = Buffer.from("\r\n");
const GREETING = "250-tls-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n";

const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
  socket.setNoDelay(true);
  const take = session((reply) => void socket.write(reply));
  socket.on("data", take).on("error", () => socket.destroy());
  socket.write("220 tls-sink ESMTP\r\n");
});
server.listen(Number(port), "127.0.0.1");

/** @param {(reply: string) => void} say */
function session(say) {
  let isContent = false;
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  return (/** @type {Buffer} */ bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let replies = "";
    for (;;) {
      const mark = isContent ? END_OF_CONTENT : LINE_END;
      const end = rest.indexOf(mark);
      if (end === -1) {
        // All but what may be the start of the mark is done with.
        if (isContent) rest = rest.subarray(Math.max(0, rest.length - mark.length + 1));
        break;
      }
      const verb = isContent ? "." : rest.toString("latin1", 0, Math.min(4, end)).toUpperCase();
      rest = rest.subarray(end + mark.length);
      isContent = verb === "DATA";
      replies += answer(verb);
    }
    if (replies !== "") say(replies);
  };
}

/** @param {string} verb */
function answer(verb) {
  if (verb === "EHLO") return GREETING;
  if (verb === "DATA") return "354 go on\r\n";
  if (verb === "QUIT") return "221 bye\r\n";
  return "250 2.0.0 ok\r\n";
}
