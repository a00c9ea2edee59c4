/**
 * `nodemailer/lib/well-known`.
 *
 * Layer: nodemailer.
 */

export { wellKnown as default } from "../well-known.js";
