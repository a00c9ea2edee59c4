/**
 * `nodemailer/lib/shared`: by name, and as one object by default.
 *
 * Layer: nodemailer.
 */
import * as shared from "../shared.js";

export * from "../shared.js";
export default shared;
