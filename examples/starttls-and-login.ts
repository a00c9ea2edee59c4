/**
 * To a provider: STARTTLS or nothing, a password from the environment, a limit for the whole call, and the dialogue on the
 * screen (the password is not in it).
 */
import { send } from "postrider";

const result = await send(
  { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Over TLS." },
  {
    hostname: process.env.SMTP_HOST ?? "smtp.example.com",
    startTls: true,
    username: process.env.SMTP_USER ?? "ann@example.org",
    password: process.env.SMTP_PASSWORD ?? "secret",
    signal: AbortSignal.timeout(15_000),
    trace: (event) => {
      if (event.type === "client") console.log(`C: ${event.line}`);
      if (event.type === "server") console.log(`S: ${event.line}`);
    },
  },
);
console.log(result.accepted);
