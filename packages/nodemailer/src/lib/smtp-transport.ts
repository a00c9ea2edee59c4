/**
 * `nodemailer/lib/smtp-transport`.
 *
 * Layer: nodemailer.
 */

export { SMTPTransport as default } from "../smtp-transport.js";
