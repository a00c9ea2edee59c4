/**
 * `nodemailer/lib/fetch`.
 *
 * Layer: nodemailer.
 */

export { nmfetch as default } from "../fetch.js";
