import assert from "node:assert/strict";
import { test } from "node:test";
import { EmailMessage } from "../../src/message/email-message.js";
import { readEnvelopeFields } from "../../src/message/envelope-fields.js";
import { fault } from "./support.js";

function addresses(...given: Parameters<typeof readEnvelopeFields>): { sender: string; recipients: string[] } {
  const { sender, recipients } = readEnvelopeFields(...given);
  return { sender: sender?.address ?? "", recipients: recipients.map(({ address }) => address) };
}

test("the first of From is the sender; To, Cc and Bcc are the recipients in this order", () => {
  const message = new EmailMessage({
    bcc: "four@example.org",
    cc: "three@example.org",
    to: ["one@example.org", { name: "Two, Mr", address: "two@example.org" }],
    from: ["Ann <ann@example.org>", "other@example.org"],
  });
  assert.deepEqual(addresses(message), {
    sender: "ann@example.org",
    recipients: ["one@example.org", "two@example.org", "three@example.org", "four@example.org"],
  });
  assert.equal(message.headers.get("Bcc"), "four@example.org");
});

test("Sender goes before From", () => {
  const message = new EmailMessage({ from: "ann@example.org", sender: "office@example.org", to: "b@example.org" });
  assert.equal(readEnvelopeFields(message).sender?.address, "office@example.org");
});

test("a group counts by its members, an empty one by none", () => {
  const message = new EmailMessage();
  message.headers.set("From", "Team: ann@example.org, eve@example.org;");
  message.headers.set("To", "undisclosed-recipients:;").set("Cc", "All: a@example.org, b@example.org;, c@example.org");
  assert.deepEqual(addresses(message), {
    sender: "ann@example.org",
    recipients: ["a@example.org", "b@example.org", "c@example.org"],
  });
});

test("with one Resent-Date only the resent fields count", () => {
  const message = new EmailMessage({ from: "a@example.org", to: "b@example.org", cc: "c@example.org" });
  message.headers.append("Resent-Date", "Sat, 22 Nov 2025 18:00:00 +0000").append("Resent-From", "r@example.org");
  message.headers.append("Resent-Bcc", "s@example.org").append("Resent-To", "t@example.org");
  assert.deepEqual(addresses(message), {
    sender: "r@example.org",
    recipients: ["t@example.org", "s@example.org"],
  });
  message.headers.set("Resent-Sender", "q@example.org");
  assert.equal(readEnvelopeFields(message).sender?.address, "q@example.org");
  message.headers.delete("Resent-Sender");
  message.headers.delete("Resent-From");
  assert.throws(() => readEnvelopeFields(message), fault("message", "Resent-From"));
});

test("two Resent-Date fields are ambiguous", () => {
  const message = new EmailMessage({ from: "a@example.org", to: "b@example.org" });
  message.headers.append("Resent-Date", "one").append("resent-date", "two");
  assert.throws(() => readEnvelopeFields(message), fault("message", "Resent-Date", /more than once/));
});

test("no sender or no recipients is an error, unless they are given elsewhere", () => {
  const noSender = new EmailMessage({ to: "b@example.org" });
  assert.throws(() => readEnvelopeFields(noSender), fault("message", "From", /no sender/));
  const noRecipients = new EmailMessage({ from: "a@example.org" });
  assert.throws(() => readEnvelopeFields(noRecipients), fault("message", "To", /no recipients/));
  const given = { needsSender: false, needsRecipients: false };
  assert.deepEqual(addresses(new EmailMessage(), given), { sender: "", recipients: [] });
  noRecipients.headers.set("To", "  ");
  assert.throws(() => readEnvelopeFields(noRecipients), fault("message", "To"));
});

test("a header that does not parse is an error that names it", () => {
  const message = new EmailMessage({ from: "a@example.org" });
  message.headers.set("To", "oops");
  assert.throws(() => readEnvelopeFields(message), fault("address", /To/));
});

test("a quoted local part stays quoted and whole", () => {
  const message = new EmailMessage({ from: '"a@b.com x"@internal.example', to: '"toni> ORCPT=x"@example.org' });
  assert.deepEqual(addresses(message), {
    sender: '"a@b.com x"@internal.example',
    recipients: ['"toni> ORCPT=x"@example.org'],
  });
});
