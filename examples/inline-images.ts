/**
 * A page with pictures from this folder, as a message: the pictures travel inside it, the text is made from the page.
 */
import { inlineImages, send } from "postrider";

const page = `<h1>Our new look</h1>
<p><img src="logo.png" alt="Logo" width="64"> This is the logo, and <a href="https://example.org/look">more is on our site</a>.</p>`;

// Nothing above this folder is ever read, whatever the page says.
const { html, attachments } = await inlineImages(page, { root: new URL(".", import.meta.url) });

const result = await send(
  { from: "ann@example.org", to: "bob@example.com", subject: "Our new look", text: "auto", html, attachments },
  { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" },
);
console.log(attachments.length, result.accepted);
