/**
 * A newsletter: a message for each subscriber, who leaves with one click (RFC 8058).
 */
import { type MessageFields, SmtpPool } from "postrider";

const subscribers = [
  { address: "bob@example.com", token: "8f3a61" },
  { address: "cyd@example.com", token: "77c1f0" },
  { address: "dan@example.com", token: "09be24" },
];

function* letters(): Generator<MessageFields> {
  for (const { address, token } of subscribers) {
    // A POST to this address unsubscribes. It names the subscriber, and nobody else can guess it.
    const leave = `https://example.org/leave/${token}`;
    yield {
      from: "Example News <news@example.org>",
      to: address,
      subject: "News of June",
      text: `There is no news.\n\nUnsubscribe: ${leave}\n`,
      list: {
        id: { id: "news.example.org", name: "Example News" },
        unsubscribe: [leave, `mailto:leave@example.org?subject=${token}`],
        unsubscribePost: true,
        help: "mailto:help@example.org",
      },
      autoSubmitted: "auto-generated",
    };
  }
}

await using pool = new SmtpPool({ url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" });
for await (const { message, result, error } of pool.sendAll(letters())) {
  console.log(message.to, result?.reply.code ?? error);
}
