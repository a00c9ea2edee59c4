/**
 * The package as nodemailer's users import it: by name, and as one object by default.
 *
 * Layer: nodemailer.
 */
import { createTestAccount, createTransport, getTestMessageUrl } from "./nodemailer.js";

export * from "./nodemailer.js";

/** An object of its own, so that tests can put doubles in place of its functions. */
const nodemailer: {
  createTransport: typeof createTransport;
  createTestAccount: typeof createTestAccount;
  getTestMessageUrl: typeof getTestMessageUrl;
} = { createTransport, createTestAccount, getTestMessageUrl };

export default nodemailer;
