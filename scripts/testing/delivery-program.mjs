/**
 * A program as people write it, for bundlers: sends through a pool with DKIM and by one call to the URL in its first parameter, and
 * prints what an optional package that is not installed comes to.
 *
 * Layer: scripts. Copied into an empty project; no `await` outside of functions, which CommonJS would not have.
 */

import { generateKeyPairSync } from "node:crypto";
import { DkimSigner, isSmtpError, SmtpPool, send } from "postrider";

async function main() {
  const url = process.argv[2] ?? "";
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const dkim = new DkimSigner({
    domain: "example.org",
    selector: "s",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
  });
  const message = {
    from: "ann@example.org",
    to: "bob@example.com",
    subject: "By pool",
    text: "Hello",
    html: "<p>Hello",
  };
  const pool = new SmtpPool({ url, dkim });
  await Promise.all([pool.send(message), pool.send(message)]);
  await pool.close();
  await send({ ...message, subject: "By one call" }, { url });
  const error = await send({ ...message, text: "auto" }, { url }).catch((reason) => reason);
  console.log(JSON.stringify({ isSmtpError: isSmtpError(error), message: error.message }));
}

main();
