/** RFC 8463 appendix A: both signatures are deterministic, so the same text must give the same b=. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalField, parseHeaderBlock } from "../../src/dkim/canonicalization.js";
import { pickSignedFields, readSignedNames } from "../../src/dkim/dkim-signer-options.js";
import { dkimDnsRecord } from "../../src/dkim/dns-record.js";
import { readPrivateKey, signBytes } from "../../src/dkim/keys.js";
import {
  crlf,
  latin1,
  RFC_ED25519_RECORD,
  RFC_ED25519_SEED,
  RFC_MESSAGE,
  RFC_RSA_KEY,
  RFC_RSA_RECORD,
} from "./keys.js";
import { verdicts } from "./verify.js";

const VECTORS = [
  {
    algorithm: "ed25519-sha256",
    key: RFC_ED25519_SEED,
    field: crlf(`DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=`),
    signature: "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
  },
  {
    algorithm: "rsa-sha256",
    key: RFC_RSA_KEY,
    field: crlf(`DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=`),
    signature:
      "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
  },
] as const;

for (const { algorithm, key, field, signature } of VECTORS) {
  test(`${algorithm}: the signature of RFC 8463`, async () => {
    const header = parseHeaderBlock(latin1(RFC_MESSAGE.slice(0, RFC_MESSAGE.indexOf("\r\n\r\n"))));
    const names = readSignedNames(["from", "to", "subject", "date", "message-id"], "headers");
    const { fields } = pickSignedFields(header, names);
    const own = { name: "dkim-signature", raw: field };
    const signed = [...fields, own].map((one) => canonicalField(one, "relaxed")).join("\r\n");
    const privateKey = readPrivateKey(key, "privateKey");
    assert.equal(privateKey.algorithm, algorithm);
    assert.equal(await signBytes(await privateKey.open(), algorithm, latin1(signed)), signature);
  });
}

test("the records of RFC 8463, from the private keys", async () => {
  assert.equal(await dkimDnsRecord(RFC_RSA_KEY), RFC_RSA_RECORD);
  const pkcs8 = Buffer.from(
    `302e020100300506032b657004220420${Buffer.from(RFC_ED25519_SEED, "base64").toString("hex")}`,
    "hex",
  );
  assert.equal(await dkimDnsRecord(pkcs8), RFC_ED25519_RECORD);
});

test("the signed message of RFC 8463 verifies, so the verifier of these tests is one", async () => {
  const message = VECTORS.map(({ field, signature }) => `${field}${signature}\r\n`).join("") + RFC_MESSAGE;
  const records = new Map([
    ["brisbane._domainkey.football.example.com", RFC_ED25519_RECORD],
    ["test._domainkey.football.example.com", RFC_RSA_RECORD],
  ]);
  assert.deepEqual(
    (await verdicts(latin1(message), records)).map(({ result }) => result),
    ["pass", "pass"],
  );
  const changed = message.replace("hungry", "thirsty");
  assert.deepEqual(
    (await verdicts(latin1(changed), records)).map(({ result }) => result === "pass"),
    [false, false],
  );
});
