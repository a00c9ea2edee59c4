// @ts-check
/**
 * A TCP proxy that delivers every byte a while later, each way: a server far off. Bandwidth is not limited.
 *
 * Layer: bench.
 *
 * Started by itself (its own process, so that its work is not the client's): delay-proxy.mjs PORT TARGET_PORT DELAY_MS
 */

import { connect, createServer } from "node:net";

const [port = 0, target = 0, delay = 0] = process.argv.slice(2).map(Number);

const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
  const far = connect({ port: target, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  relay(near, far);
  relay(far, near);
});
server.listen(port, "127.0.0.1");

/**
 * Timers of one length fire in the order in which they were set, so bytes stay in order.
 * @param {import("node:net").Socket} from
 * @param {import("node:net").Socket} to
 */
function relay(from, to) {
  from.on("data", (bytes) => void setTimeout(() => to.writable && to.write(bytes), delay));
  from.on("end", () => void setTimeout(() => to.end(), delay));
  from.on("error", () => to.destroy());
}
