/**
 * What to do when it fails: try again what surely was not delivered and may work, and tell the rest apart.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type AnySmtpError, EmailMessage, isSmtpError, send } from "postrider";

const ATTEMPTS = 3;
/** In ms. A mail server would wait for minutes. */
const PAUSE = 100;

const message = new EmailMessage({
  from: "ann@example.org",
  to: ["bob@example.com", "busy@example.com", "nobody@example.com"],
  subject: "Hello",
  text: "Hi!",
});

/** Those who do not have it yet; undefined is everybody. */
let recipients: string[] | undefined;

for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
  if (attempt > 1) await wait(PAUSE * attempt);
  try {
    const result = await send(message, {
      hostname: process.env.SMTP_HOST ?? "strict.example.com",
      port: 25,
      recipients,
    });
    console.log(`attempt ${attempt}: accepted`, result.accepted);
    for (const refused of result.refused) console.log(`  ${refused.message}`);
    recipients = result.refused.filter(({ retry }) => retry !== "never").map(({ recipient }) => recipient);
    if (recipients.length === 0) break;
  } catch (error) {
    if (!isSmtpError(error)) throw error;
    console.log(`attempt ${attempt}: ${advice(error)}`);
    if (error.outcome === "unknown" || error.retry === "never") break;
  }
}

function advice(error: AnySmtpError): string {
  switch (error.code) {
    case "address":
    case "message":
    case "option":
      return `mend the program: ${error.message}`;
    case "authentication":
      return `check the credentials (${error.mechanism}): ${error.reply.message}`;
    case "recipients-refused":
      return `nobody took it: ${error.refused.map(({ recipient, reply }) => `${recipient} ${reply.code}`).join(", ")}`;
    default:
      if (error.outcome === "unknown") return `it may have arrived or not: ${error.message}`;
      return `${error.message} (try again: ${error.retry})`;
  }
}
