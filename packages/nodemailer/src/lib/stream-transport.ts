/**
 * `nodemailer/lib/stream-transport`.
 *
 * Layer: nodemailer.
 */

export { StreamTransport as default } from "../stream-transport.js";
