/**
 * `nodemailer/lib/mime-funcs`: by name, and as one object by default.
 *
 * Layer: nodemailer.
 */
import * as mimeFuncs from "../mime-funcs.js";

export * from "../mime-funcs.js";
export default mimeFuncs;
