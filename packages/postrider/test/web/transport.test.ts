/**
 * The transport suite over the sockets API of Cloudflare Workers.
 */
import "../support/on-workers.js";

await import("../transport/open-transport.test.js");
await import("../transport/secure.test.js");
await import("../transport/start-tls.test.js");
await import("../transport/stream-transport.test.js");
await import("../transport/last-words.test.js");
await import("../transport/adopt-stream.test.js");
