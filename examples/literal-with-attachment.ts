/**
 * One literal, one call: text, HTML, a picture inside the HTML, and two attachments.
 */
import { fileAttachment, send } from "postrider";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const result = await send(
  {
    from: "Ann Example <ann@example.org>",
    to: ["bob@example.com", { name: "Cyd, of the office", address: "cyd@example.com" }],
    subject: "Numbers",
    text: "The numbers are attached.",
    html: '<p><img src="cid:logo" alt=""> The numbers are <b>attached</b>.</p>',
    attachments: [
      { filename: "logo.png", contentId: "logo", content: Buffer.from(PIXEL, "base64") },
      { filename: "numbers.csv", content: "month,count\nJanuary,31\nFebruary,28\n" },
      fileAttachment(new URL(import.meta.url), { filename: "program.txt" }),
    ],
  },
  { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" },
);
console.log(result.accepted, result.messageId);
