/**
 * `nodemailer/lib/addressparser`.
 *
 * Layer: nodemailer.
 */

export { addressparser as default } from "../addressparser.js";
