/**
 * `nodemailer/lib/mail-composer`.
 *
 * Layer: nodemailer.
 */

export { MailComposer as default } from "../mail-composer.js";
