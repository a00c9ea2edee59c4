/**
 * The version of this package.
 *
 * Layer: nodemailer.
 */

export const VERSION: string = "0.1.0";
