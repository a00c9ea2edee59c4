import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { DkimSigner } from "../../src/dkim/dkim-signer.js";
import { dkimDnsRecord } from "../../src/dkim/dns-record.js";
import { OptionError } from "../../src/errors/errors.js";
import { KEYS, latin1, RFC_ED25519_SEED, RFC_MESSAGE } from "./keys.js";

const RSA_KEY = createPrivateKey(KEYS["rsa-sha256"].private);
const ED_KEY = createPrivateKey(KEYS["ed25519-sha256"].private);

function signer(privateKey: unknown): DkimSigner {
  return new DkimSigner({ domain: "example.org", selector: "s", privateKey: privateKey as string, now: () => 1e12 });
}

async function webKey(
  key: typeof RSA_KEY,
  extractable: boolean,
  usages: ("sign" | "decrypt")[] = ["sign"],
  name?: string,
) {
  const algorithm =
    key.asymmetricKeyType === "ed25519" ? "Ed25519" : { name: name ?? "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  return crypto.subtle.importKey("pkcs8", key.export({ type: "pkcs8", format: "der" }), algorithm, extractable, usages);
}

test("an RSA key is read in each of its forms, and signs the same", async () => {
  const pem = KEYS["rsa-sha256"].private;
  const pkcs1 = RSA_KEY.export({ type: "pkcs1", format: "pem" }).toString();
  const der = RSA_KEY.export({ type: "pkcs8", format: "der" });
  const forms = [
    pem,
    pkcs1,
    pem.replaceAll("\n", "\r\n"),
    `Bag Attributes\n  friendlyName: x\n${pem}\n`,
    Buffer.from(pem),
    new Uint8Array(der),
    RSA_KEY.export({ type: "pkcs1", format: "der" }),
    der.toString("base64"),
    await webKey(RSA_KEY, false),
  ];
  const signatures = await Promise.all(forms.map((form) => signer(form).sign(latin1(RFC_MESSAGE))));
  assert.equal(new Set(signatures).size, 1);
  assert.match(signatures[0] ?? "", /a=rsa-sha256/);
});

test("an Ed25519 key is read in each of its forms, and signs the same", async () => {
  const der = ED_KEY.export({ type: "pkcs8", format: "der" });
  const seed = der.subarray(-32);
  const forms = [KEYS["ed25519-sha256"].private, der, seed, seed.toString("base64"), await webKey(ED_KEY, false)];
  const signatures = await Promise.all(forms.map((form) => signer(form).sign(latin1(RFC_MESSAGE))));
  assert.equal(new Set(signatures).size, 1);
  assert.match(signatures[0] ?? "", /a=ed25519-sha256/);
});

test("what is no key for DKIM is an error of the option privateKey that shows nothing of it", async () => {
  const pem = KEYS["rsa-sha256"].private;
  const encrypted = (type: "pkcs1" | "pkcs8") =>
    RSA_KEY.export({ type, format: "pem", cipher: "aes-128-cbc", passphrase: "x" }).toString();
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const small = generateKeyPairSync("rsa", { modulusLength: 768 }).privateKey;
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /must be PEM/],
    ["", /neither PEM nor base64/],
    ["secret", /neither PEM nor base64/],
    ["A".repeat(1_000_000), /neither PEM nor base64/],
    [pem.slice(0, 400), /without its end/],
    [pem.replaceAll("\n", "\\n"), /"\\n" in place of line ends/],
    [pem.replace("MII", "M!I"), /neither PEM nor base64/],
    [encrypted("pkcs1"), /is encrypted/],
    [encrypted("pkcs8"), /is encrypted/],
    [KEYS["rsa-sha256"].public, /not the public one/],
    [KEYS["ed25519-sha256"].public, /not the public one/],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", /not a certificate/],
    [ec.export({ type: "pkcs8", format: "pem" }), /RSA or Ed25519/],
    [ec.export({ type: "sec1", format: "pem" }), /cannot be read as a key/],
    [small.export({ type: "pkcs8", format: "pem" }), /has 768 bits/],
    [new Uint8Array(100), /cannot be read as a key/],
    [Buffer.from("308400000001", "hex"), /cannot be read as a key/],
    [{}, /must be PEM/],
    [await webKey(RSA_KEY, false, ["decrypt"], "RSA-OAEP"), /must be a CryptoKey that may "sign"/],
    [await webKey(RSA_KEY, false, ["sign"], "RSA-PSS"), /RSASSA-PKCS1-v1_5/],
  ];
  for (const [key, rule] of wrong) {
    assert.throws(
      () => signer(key),
      (error) =>
        error instanceof OptionError &&
        error.option === "privateKey" &&
        rule.test(error.message) &&
        !inspect(error).includes("MII"),
      String(rule),
    );
  }
});

test("a key whose numbers do not belong together does not sign: ready() and sign() reject", async () => {
  const der = RSA_KEY.export({ type: "pkcs1", format: "der" });
  // In the modulus; then in the private exponent and in a prime (one of the two alone is made good by the other).
  for (const places of [[100], [350, 600]]) {
    const broken = Buffer.from(der);
    for (const at of places) broken.writeUInt8(broken.readUInt8(at) ^ 0x55, at);
    const one = signer(broken);
    for (const attempt of [one.ready(), one.sign(latin1(RFC_MESSAGE))]) {
      await assert.rejects(attempt, (error) => error instanceof OptionError && error.option === "privateKey");
    }
  }
});

test("a sound key is ready", async () => {
  await signer(KEYS["rsa-sha256"].private).ready();
  await signer(RFC_ED25519_SEED).ready();
});

test("the record is the same from the private key, the public key and keys of Web Crypto", async () => {
  for (const [key, pair] of [
    [RSA_KEY, KEYS["rsa-sha256"]],
    [ED_KEY, KEYS["ed25519-sha256"]],
  ] as const) {
    const record = await dkimDnsRecord(pair.public);
    assert.match(record, /^v=DKIM1; k=(rsa|ed25519); p=[A-Za-z0-9+/]+=*$/);
    assert.equal(await dkimDnsRecord(pair.private), record);
    assert.equal(await dkimDnsRecord(await webKey(key, true)), record);
  }
  const pkcs1 = createPrivateKey(KEYS["rsa-sha256"].private).export({ type: "pkcs1", format: "pem" }).toString();
  assert.equal(await dkimDnsRecord(pkcs1), await dkimDnsRecord(KEYS["rsa-sha256"].public));
});

test("no record is made of 32 bare bytes, which may be the private half, nor of a key that hides its public half", async () => {
  await assert.rejects(
    dkimDnsRecord(RFC_ED25519_SEED),
    (error) => error instanceof OptionError && error.option === "key",
  );
  await assert.rejects(dkimDnsRecord(await webKey(RSA_KEY, false)), /cannot be exported/);
  await assert.rejects(dkimDnsRecord("nonsense"), OptionError);
});
