// @ts-check
/**
 * What many apps have: one transporter, one function for each mail. Nothing here knows of Postrider.
 */
import nodemailer from "nodemailer";

const transporter = nodemailer.createTransport(
  {
    pool: true,
    host: process.env["SMTP_HOST"] ?? "127.0.0.1",
    port: Number(process.env["SMTP_PORT"] ?? 1025),
    ...(process.env["SMTP_USER"] ? { auth: { user: process.env["SMTP_USER"], pass: process.env["SMTP_PASS"] } } : {}),
  },
  { from: "Example <hello@example.org>" },
);

/**
 * @param {{ email: string, name: string }} user
 * @param {string} link
 */
export async function sendWelcome({ email, name }, link) {
  return transporter.sendMail({
    to: { name, address: email },
    subject: `Welcome, ${name}`,
    text: `Confirm your address: ${link}\n`,
    html: `<p>Confirm your address: <a href="${link}">${link}</a></p>`,
  });
}

export function close() {
  transporter.close();
}
