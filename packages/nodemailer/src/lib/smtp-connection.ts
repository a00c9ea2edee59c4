/**
 * `nodemailer/lib/smtp-connection`.
 *
 * Layer: nodemailer.
 */

export { SMTPConnection as default } from "../smtp-connection.js";
