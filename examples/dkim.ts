/**
 * Signed with two keys: RSA, which every receiver knows, and Ed25519. Prints what belongs in DNS, and sends one message.
 */
import { generateKeyPairSync } from "node:crypto";
import { DkimSigner, dkimDnsRecord, send } from "postrider";

// In a program the keys come from where its secrets are; the selectors are names of your choice.
const keys = {
  mail: process.env.DKIM_RSA_KEY ?? newKey(generateKeyPairSync("rsa", { modulusLength: 2048 })),
  "mail-ed": process.env.DKIM_ED25519_KEY ?? newKey(generateKeyPairSync("ed25519")),
};

const signers: DkimSigner[] = [];
for (const [selector, privateKey] of Object.entries(keys)) {
  console.log(`${selector}._domainkey.example.org TXT "${await dkimDnsRecord(privateKey)}"`);
  signers.push(new DkimSigner({ domain: "example.org", selector, privateKey }));
}

const result = await send(
  { from: "ann@example.org", to: "bob@example.com", subject: "Signed", text: "Twice, by example.org." },
  { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025", dkim: signers },
);
console.log(result.reply.message);

function newKey({ privateKey }: ReturnType<typeof generateKeyPairSync>): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
