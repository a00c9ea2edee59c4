/**
 * Accounts for tests: an inbox on this machine.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import nodemailer, { createTestAccount, getTestMessageUrl } from "../src/index.js";

// The inbox lives as long as its process, which Deno ends by itself, and no test of its may.
if (!("Deno" in globalThis)) after(() => setImmediate(() => process.exit()));

test("an account takes messages, and the URL of a message shows it", async () => {
  const { user, pass, smtp } = await createTestAccount();
  const transporter = nodemailer.createTransport({ ...smtp, auth: { user, pass } });
  const info = await transporter.sendMail({
    from: "ann@example.org",
    to: "bob@example.com",
    subject: "Look",
    text: "Hi",
  });
  const url = getTestMessageUrl(info);
  assert.ok(url !== false);
  assert.equal((await fetch(url)).status, 200);
  assert.equal(getTestMessageUrl({ response: "250 queued as nothing" }), false);
  const again = await new Promise((resolve, reject) => {
    createTestAccount((error, account) => (error ? reject(error) : resolve(account.smtp.port)));
  });
  assert.equal(again, smtp.port);
});
