/**
 * `nodemailer/lib/mailer`.
 *
 * Layer: nodemailer.
 */

export { Mail as default } from "../mailer.js";
