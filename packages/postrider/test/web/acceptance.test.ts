/**
 * The acceptance suite over the sockets API of Cloudflare Workers.
 */
import "../support/on-workers.js";

await import("../acceptance/auth-secrecy.test.js");
await import("../acceptance/auth.test.js");
await import("../acceptance/call-edge.test.js");
await import("../acceptance/channels.test.js");
await import("../acceptance/commands.test.js");
await import("../acceptance/connect-and-greeting.test.js");
await import("../acceptance/content.test.js");
await import("../acceptance/dialogues.test.js");
await import("../acceptance/full-transaction.test.js");
await import("../acceptance/hello.test.js");
await import("../acceptance/limits.test.js");
await import("../acceptance/oauth2.test.js");
await import("../acceptance/overlap.test.js");
await import("../acceptance/parallel-calls.test.js");
await import("../acceptance/replies.test.js");
await import("../acceptance/reply-table.test.js");
await import("../acceptance/secrets.test.js");
await import("../acceptance/sending.test.js");
await import("../acceptance/structured-messages.test.js");
await import("../acceptance/time-and-closing.test.js");
await import("../acceptance/time-volume.test.js");
await import("../acceptance/tls.test.js");
await import("../acceptance/verify.test.js");
