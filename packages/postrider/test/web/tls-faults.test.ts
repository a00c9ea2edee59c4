/**
 * Faults of connections with TLS over the sockets API of Cloudflare Workers.
 */
import "../support/on-workers.js";

await import("../trust/tls-faults.test.js");
