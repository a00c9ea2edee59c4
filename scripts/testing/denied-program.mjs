/**
 * A program for a runtime that permits nothing: prints what each thing comes to that needs a permission.
 *
 * Layer: scripts. Copied into an empty project.
 */

import { fileAttachment, isSmtpError, oauth2, send } from "postrider";

const message = { from: "ann@example.org", to: "bob@example.com", subject: "Denied", text: "Hello" };
const attempts = {
  address: () => send(message, { hostname: "127.0.0.1", port: 2525 }),
  name: () => send(message, { hostname: "localhost", port: 2525 }),
  "local address": () => send(message, { hostname: "127.0.0.1", port: 2525, localAddress: "127.0.0.1" }),
  proxy: () => send(message, { hostname: "mail.example.com", port: 587, proxy: "http://127.0.0.1:3128" }),
  token: () => oauth2({ tokenUrl: "http://127.0.0.1:2526/", clientId: "postrider", refreshToken: "refresh" })(),
  "Unix socket": () => send(message, { socketPath: "/tmp/postrider-denied.sock" }),
  file: () => send({ ...message, attachments: [fileAttachment("/etc/hostname")] }, { hostname: "127.0.0.1" }),
};
for (const [name, attempt] of Object.entries(attempts)) {
  /** @type {any} */
  const error = await attempt().catch((reason) => reason);
  console.log(`${name}: ${isSmtpError(error) ? "SmtpError" : "another error"}: ${error?.message}`);
}
