/**
 * A program that is frozen by frozen.test.ts: sends a message for each line of its input, and prints what comes of it.
 */
import { createInterface } from "node:readline";
import { isSmtpError, SmtpPool } from "../../src/index.js";
import { ENVELOPE } from "../support/plain-client.js";

const [, , options = "{}"] = process.argv;
const pool = new SmtpPool(JSON.parse(options));

for await (const subject of createInterface({ input: process.stdin })) {
  const said = await pool.send(`Subject: ${subject}\r\n\r\nx\r\n`, ENVELOPE).then(
    () => "sent",
    (error: unknown) => (isSmtpError(error) ? `${error.name}, ${error.outcome}` : String(error)),
  );
  process.stdout.write(`${subject}: ${said}\n`);
}
await pool.close();
