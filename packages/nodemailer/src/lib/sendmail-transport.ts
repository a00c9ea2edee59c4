/**
 * `nodemailer/lib/sendmail-transport`.
 *
 * Layer: nodemailer.
 */

export { SendmailTransport as default } from "../sendmail-transport.js";
