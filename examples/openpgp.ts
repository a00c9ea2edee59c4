/**
 * Signed with OpenPGP: the content, and beside it a signature over exactly the bytes that are sent (RFC 3156).
 */
import * as openpgp from "openpgp";
import { EmailMessage, MimeMultipart, MimePart, send } from "postrider";

// In a program the key comes from where its secrets are.
const privateKey = await openpgp.readPrivateKey({ armoredKey: process.env.PGP_KEY ?? (await newKey()) });

async function sign(part: MimePart): Promise<MimePart> {
  const signature = await openpgp.sign({
    message: await openpgp.createMessage({ binary: await part.toBytes() }),
    signingKeys: privateKey,
    detached: true,
  });
  const signed = new MimeMultipart("signed", [
    part,
    new MimePart({
      content: signature.replace(/\r?\n/g, "\r\n"),
      contentType: "application/pgp-signature",
      encoding: "7bit",
    }),
  ]);
  const type = 'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"';
  signed.headers.set("Content-Type", type);
  return signed;
}

const message = new EmailMessage({
  from: "ann@example.org",
  to: "bob@example.com",
  subject: "Signed",
  text: "These are my words.",
  attachments: [{ filename: "also-mine.txt", content: "And these." }],
});
await message.transformContent(sign);

const result = await send(message, { url: process.env.SMTP_URL ?? "smtp://127.0.0.1:1025" });
console.log(result.reply.message);

async function newKey(): Promise<string> {
  const keys = await openpgp.generateKey({ userIDs: [{ name: "Ann Example", email: "ann@example.org" }] });
  return keys.privateKey;
}
