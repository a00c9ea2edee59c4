/**
 * `nodemailer/lib/smtp-pool`.
 *
 * Layer: nodemailer.
 */

export { SMTPPool as default } from "../smtp-pool.js";
