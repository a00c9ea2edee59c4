/**
 * A raw message that is made while it is sent: 4 MB of it, and never more than a piece in memory.
 */
import { send } from "postrider";

const LINES = 50_000;

async function* message(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("From: ann@example.org\nTo: bob@example.com\nSubject: A long list\n\n");
  for (let line = 1; line <= LINES; line += 100) {
    const lines = Array.from({ length: 100 }, (_, index) => `${line + index}: ${"all work and no play ".repeat(4)}\n`);
    yield Buffer.from(lines.join(""));
  }
}

const result = await send(message(), {
  url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025",
  // Nothing reads the headers of a raw message.
  sender: "ann@example.org",
  recipients: ["bob@example.com"],
});
console.log(result.reply.message);
