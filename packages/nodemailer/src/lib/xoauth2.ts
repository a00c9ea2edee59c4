/**
 * `nodemailer/lib/xoauth2`.
 *
 * Layer: nodemailer.
 */

export { XOAuth2 as default } from "../xoauth2.js";
