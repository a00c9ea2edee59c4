// @ts-check
/**
 * A sign-up, as far as its mail goes.
 */
import { close, sendWelcome } from "./mailer.mjs";

try {
  const info = await sendWelcome({ email: "bob@example.com", name: "Bob" }, "https://example.org/confirm/8f3a");
  console.log(`sent to ${info.accepted.join(", ")}: ${info.response}`);
} catch (error) {
  const { code, outcome, retry } = /** @type {{ code?: string, outcome?: string, retry?: string }} */ (error);
  // The last two are new: whether the server may have the message, and whether to try again.
  console.error(`not sent: ${code}, outcome ${outcome}, try again: ${retry}`);
  process.exitCode = 1;
} finally {
  close();
}
