/**
 * Names, domains, subjects and file names in any script; the mailbox itself too, where the server takes it (SMTPUTF8).
 */
import { SmtpClient, SmtpNotSupportedError } from "postrider";

await using client = await SmtpClient.connect({ url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" });

const message = {
  from: { name: "Jürgen Müller", address: "juergen@bücher.example" },
  subject: "Grüße aus Köln 🎉",
  text: "Schöne Grüße!\n",
  attachments: [{ filename: "Übersicht 概要.txt", content: "ü" }],
};

const result = await client.send({ ...message, to: "山田太郎 <taro@example.com>" });
console.log(result.accepted);

try {
  const { accepted } = await client.send({ ...message, to: "用户@example.com" });
  console.log(accepted);
} catch (error) {
  if (!(error instanceof SmtpNotSupportedError)) throw error;
  console.log("This server takes no mailboxes beyond ASCII:", error.extension);
}
