/**
 * The trust suite, but for faults, over the sockets API of Cloudflare Workers.
 */
import "../support/on-workers.js";

await import("../trust/hostile.test.js");
await import("../trust/drip.test.js");
await import("../trust/advisories.test.js");
await import("../trust/advisories-session.test.js");
