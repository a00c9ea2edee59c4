/**
 * Many messages on one connection: handed over together, so that they are pipelined where the server allows it.
 */
import { type SendResult, SmtpClient } from "postrider";

const subscribers = Array.from({ length: 10 }, (_, index) => `reader${index}@example.com`);

await using client = await SmtpClient.connect({ url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" });

const outcomes = await Promise.allSettled(
  subscribers.map(
    (to): Promise<SendResult> =>
      client.send({ from: "News <news@example.org>", to, subject: "News", text: "To each of you, alone." }),
  ),
);

for (const [index, outcome] of outcomes.entries()) {
  const said = outcome.status === "fulfilled" ? outcome.value.reply.message : outcome.reason;
  console.log(subscribers[index], said);
}
