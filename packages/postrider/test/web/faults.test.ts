/**
 * Faults of connections over the sockets API of Cloudflare Workers.
 */
import "../support/on-workers.js";

await import("../trust/faults.test.js");
