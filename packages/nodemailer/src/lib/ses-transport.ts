/**
 * `nodemailer/lib/ses-transport`.
 *
 * Layer: nodemailer.
 */

export { SESTransport as default } from "../ses-transport.js";
