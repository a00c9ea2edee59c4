/**
 * A process of the soak that is killed at any moment: a worker, or a producer that says which messages it was promised.
 */
import { SmtpPool } from "postrider";
import { type Outbox, type OutboxOptions, openOutbox } from "../../src/index.js";

const [role, database = "", port, from] = process.argv.slice(2);

if (role === "worker") {
  const transport = new SmtpPool({
    hostname: "127.0.0.1",
    port: Number(port),
    startTls: false,
    maxConnections: 2,
    maxInFlight: 4,
    timeout: 5000,
  });
  const outbox = await open({ database, transport });
  outbox.work({ lease: 1500, poll: 20, batch: 8, retryDelays: [100] });
} else {
  const outbox = await open({ database });
  for (let n = Number(from); ; n += 1) {
    const message = {
      from: "shop@example.org",
      to: `u${n}@example.com`,
      subject: `${n}`,
      text: "x".repeat((n * 7919) % 3000),
    };
    try {
      await outbox.enqueue(message, { key: `m:${n}` });
      process.stdout.write(`${n}\n`);
    } catch {
      // The database is away: the same one again.
      n -= 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The database may be away at that moment. */
async function open(options: OutboxOptions): Promise<Outbox> {
  for (;;) {
    try {
      return await openOutbox(options);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
