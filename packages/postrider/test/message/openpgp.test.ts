/** PGP/MIME with the package openpgp: what is signed verifies as it stands on the wire, there and by gpgv where it is installed. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as openpgp from "openpgp";
import PostalMime from "postal-mime";
import { send } from "../../src/index.js";
import { EmailMessage } from "../../src/message/email-message.js";
import { MimeMultipart, MimePart } from "../../src/message/mime-part.js";
import { plain } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";

const keys = await openpgp.generateKey({
  userIDs: [{ name: "Ann", email: "ann@x.example" }],
  date: new Date("2026-01-01T00:00:00Z"),
  format: "object",
});

const crlf = (text: string): string => text.replace(/\r?\n/g, "\r\n");

async function sign(part: MimePart): Promise<MimePart> {
  const signature = await openpgp.sign({
    message: await openpgp.createMessage({ binary: await part.toBytes() }),
    signingKeys: keys.privateKey,
    detached: true,
  });
  const signed = new MimeMultipart("signed", [
    part,
    new MimePart({ content: crlf(signature), contentType: "application/pgp-signature", encoding: "7bit" }),
  ]);
  return withType(signed, 'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"');
}

async function encrypt(part: MimePart): Promise<MimePart> {
  const encrypted = await openpgp.encrypt({
    message: await openpgp.createMessage({ binary: await part.toBytes() }),
    encryptionKeys: keys.publicKey,
    signingKeys: keys.privateKey,
  });
  const body = new MimeMultipart("encrypted", [
    new MimePart({ content: "Version: 1\r\n", contentType: "application/pgp-encrypted", encoding: "7bit" }),
    new MimePart({ content: crlf(encrypted), contentType: "application/octet-stream", encoding: "7bit" }),
  ]);
  return withType(body, 'multipart/encrypted; protocol="application/pgp-encrypted"');
}

function withType(part: MimePart, type: string): MimePart {
  part.headers.set("Content-Type", type);
  return part;
}

const message = (): EmailMessage =>
  new EmailMessage({
    from: "ann@x.example",
    to: "bob@y.example",
    subject: "Grüße",
    text: "Grüße\n.\n..\nFrom here \n",
    html: `<p>${"Grüße ".repeat(300)}</p>`,
    attachments: [{ filename: "grüße.bin", content: Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff) }],
  });

for (const extensions of [[], ["8BITMIME", "PIPELINING"], ["8BITMIME", "CHUNKING", "SMTPUTF8"]]) {
  test(`a signature verifies with the bytes that arrive (${extensions.join(" ") || "plain"})`, async () => {
    await using server = await ScriptedServer.start({ extensions });
    await send(await message().transformContent(sign), plain(server));
    const text = server.messages[0]?.text ?? "";
    const boundary = /multipart\/signed;.*?boundary="([^"]+)"/s.exec(text)?.[1] ?? "";
    const [, signed = "", rest = ""] = text.split(`--${boundary}\r\n`);
    const bytes = Buffer.from(signed.slice(0, -2));
    const armored = /-----BEGIN PGP SIGNATURE-----.*-----END PGP SIGNATURE-----/s.exec(rest)?.[0] ?? "";
    const signature = await openpgp.readSignature({ armoredSignature: armored });
    const [packet] = signature.packets as unknown as openpgp.SignaturePacket[];
    assert.equal(packet?.hashAlgorithm, openpgp.enums.hash.sha512, "what micalg says");
    const { signatures } = await openpgp.verify({
      message: await openpgp.createMessage({ binary: bytes }),
      signature,
      verificationKeys: keys.publicKey,
    });
    assert.equal(await signatures[0]?.verified, true);
    assert.equal(gpgv(bytes, armored), "good");
  });
}

test("what is encrypted comes out as the content that went in", async () => {
  const encrypted = await message().transformContent(encrypt);
  const { attachments } = await PostalMime.parse(await encrypted.toBytes(), { attachmentEncoding: "utf8" });
  const { data } = await openpgp.decrypt({
    message: await openpgp.readMessage({ armoredMessage: String(attachments[1]?.content) }),
    decryptionKeys: keys.privateKey,
    verificationKeys: keys.publicKey,
    expectSigned: true,
    format: "binary",
  });
  const content = await PostalMime.parse(data as Uint8Array);
  assert.equal(content.text, "Grüße\n.\n..\nFrom here \n\n");
  assert.equal(content.attachments[0]?.filename, "grüße.bin");
});

/** "good" also where there is no gpgv: openpgp has said so. */
function gpgv(bytes: Uint8Array, armored: string): string {
  const folder = mkdtempSync(join(tmpdir(), "postrider-test-gpgv-"));
  try {
    const [keyring, signature, data] = ["keyring.gpg", "signature.asc", "data"].map((name) => join(folder, name));
    if (keyring === undefined || signature === undefined || data === undefined) return "no files";
    writeFileSync(keyring, keys.publicKey.write());
    writeFileSync(signature, armored);
    writeFileSync(data, bytes);
    const { error, status, stderr } = spawnSync("gpgv", ["--homedir", folder, "--keyring", keyring, signature, data]);
    if (error !== undefined && "code" in error && error.code === "ENOENT") return "good";
    return status === 0 ? "good" : String(stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
