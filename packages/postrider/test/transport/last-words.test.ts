import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { openTransport } from "../../src/transport/open-transport.js";
import { bytes, cleanUp, never, record } from "./peers.js";

/** Greets, and answers the first line with a 421 and a FIN, all while the main thread stands still. */
const SERVER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const flag = new Int32Array(workerData);
  require("node:net").createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 hi\\r\\n");
    socket.once("data", () => {
      socket.on("close", () => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); });
      socket.end("421 too many\\r\\n");
      socket.destroySoon();
    });
  }).listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });
`;

test("a 421 is heard although writes after it fail", async (t) => {
  const shared = new SharedArrayBuffer(4);
  const worker = new Worker(SERVER, { eval: true, workerData: shared });
  cleanUp(t, () => worker.terminate());
  const [port] = await once(worker, "message");
  const transport = await openTransport({ kind: "tcp", hostname: "127.0.0.1", port }, { signal: never });
  const heard = record(t, transport);
  await heard.untilText("220 hi\r\n");
  transport.write(bytes("NOOP\r\n"));
  Atomics.wait(new Int32Array(shared), 0, 0);
  // The first of these makes the server's system answer with a reset, the second finds the connection gone.
  for (let line = 0; line < 5; line += 1) transport.write(bytes("MAIL FROM:<a@example.com>\r\n"));
  await heard.untilEnd();
  assert.equal(heard.text, "220 hi\r\n421 too many\r\n");
});
