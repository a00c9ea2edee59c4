/**
 * `nodemailer/lib/mime-node`.
 *
 * Layer: nodemailer.
 */

export { MimeNode as default } from "../mime-node.js";
