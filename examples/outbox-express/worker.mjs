/**
 * Delivers the mail of the shop. Start as many as you like, on as many machines: each mail is held by one of them.
 */
import { openOutbox } from "@postrider/outbox";
import { SmtpPool } from "postrider";

const { DATABASE_URL, SMTP_URL = "smtp://127.0.0.1:1025" } = process.env;
const pool = new SmtpPool({ url: SMTP_URL });
const outbox = await openOutbox({ database: DATABASE_URL, transport: pool });
const worker = outbox.work({
  // Over all workers together.
  rates: [{ messages: 100, per: 1000 }],
});
console.log("worker: delivering");

// systemd, Docker and Kubernetes say SIGTERM: nothing more is taken, and what is under way is settled.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await worker.stop();
    await outbox.close();
    await pool.close();
    console.log(`worker: ${worker.stats.finished} attempts`);
  });
}
