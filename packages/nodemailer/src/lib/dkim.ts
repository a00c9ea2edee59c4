/**
 * `nodemailer/lib/dkim`.
 *
 * Layer: nodemailer.
 */

export { DKIM as default } from "../dkim.js";
