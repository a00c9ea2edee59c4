/**
 * `nodemailer/lib/json-transport`.
 *
 * Layer: nodemailer.
 */

export { JSONTransport as default } from "../json-transport.js";
