import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { checkSignatures } from "../../src/checks/dkim/signature-check.js";
import { verifySignatures } from "../../src/checks/dkim/verify.js";

const NAME = "s1._domainkey.example.com";
const MESSAGE = [
  "From: Ann <ann@example.com>",
  "To: ben@example.com",
  "Subject: A   subject\twith",
  "  folds",
  "Date: Sun, 22 Nov 2026 11:59:00 +0000",
  "",
  "Hello  there. \t",
  "",
  " indented",
  "",
  "",
  "",
].join("\r\n");

interface Signer {
  readonly privateKey: KeyObject;
  readonly record: string;
}

const rsa = makeSigner(generateKeyPairSync("rsa", { modulusLength: 2048 }), "rsa");
const ed25519 = makeSigner(generateKeyPairSync("ed25519"), "ed25519");

function makeSigner({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }, kind: string): Signer {
  const der = publicKey.export({ type: "spki", format: "der" });
  // RFC 8463 §4: of an Ed25519 key only the last 32 bytes, the key itself.
  const bytes = kind === "rsa" ? der : der.subarray(-32);
  return { privateKey, record: `v=DKIM1; k=${kind}; p=${bytes.toString("base64")}` };
}

async function sign(signer: Signer, canonicalization: string, content = MESSAGE): Promise<string> {
  const { signatures } = await dkimSign(content, {
    canonicalization,
    signTime: new Date(0),
    signatureData: [
      {
        signingDomain: "example.com",
        selector: "s1",
        privateKey: String(signer.privateKey.export({ type: "pkcs8", format: "pem" })),
      },
    ],
  } as never);
  return signatures + content;
}

function status(content: string, record: string | undefined): string {
  const [result] = verifySignatures(Buffer.from(content), (name) => (name === NAME ? record : undefined), 5);
  return result === undefined ? "none" : result.reason === "" ? result.status : `${result.status}: ${result.reason}`;
}

for (const [kind, signer] of [
  ["rsa", rsa],
  ["ed25519", ed25519],
] as const) {
  for (const form of ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"]) {
    test(`a signature of another program holds: ${kind}, ${form}`, async () => {
      assert.equal(status(await sign(signer, form), signer.record), "pass");
      assert.equal(status(await sign(signer, form, "From: a@example.com\r\n\r\n"), signer.record), "pass");
      assert.equal(status(await sign(signer, form, "From: a@example.com\r\n\r\nno line end"), signer.record), "pass");
    });
  }
}

const CHANGES: readonly (readonly [what: string, from: string | RegExp, to: string, reason: RegExp])[] = [
  ["a changed body", "Hello", "Hallo", /body was changed/],
  ["a changed header", "A   subject", "Another subject", /header was changed/],
  ["a second From on top", "From:", "From: Eve <eve@example.com>\r\nFrom:", /^$/],
  ["a changed signature", /b=\w/, "b=_", /header was changed|malformed|missing/],
  ["version 2", "v=1", "v=2", /version/],
  ["an unknown algorithm", "rsa-sha256", "rsa-sha1", /algorithm rsa-sha1/],
  ["an unknown form", "relaxed/relaxed", "loose/relaxed", /canonicalization/],
  ["a From that is not covered", "To: From;", "To;", /does not cover From/],
  ["a tag that is there twice", "v=1;", "v=1; v=1;", /malformed/],
  ["an identity elsewhere", "v=1;", "v=1; i=@example.org;", /identity/],
  ["more body signed than there is", "v=1;", "v=1; l=99999;", /shorter/],
];

for (const [what, from, to, reason] of CHANGES) {
  test(`${what} is judged as the RFC says`, async () => {
    const signed = await sign(rsa, "relaxed/relaxed");
    const changed = signed.replace(from, to);
    assert.notEqual(changed, signed);
    const verdict = status(changed, rsa.record);
    if (reason.source === "^$") assert.equal(verdict, "pass");
    else assert.match(verdict, reason);
  });
}

const RECORDS: readonly (readonly [what: string, record: string, reason: RegExp])[] = [
  ["another key", makeSigner(generateKeyPairSync("rsa", { modulusLength: 1024 }), "rsa").record, /another one/],
  ["a key of another kind", ed25519.record, /the key is ed25519/],
  ["a revoked key", "v=DKIM1; p=", /revoked/],
  ["a key that is none", "v=DKIM1; p=AAAA", /cannot be read/],
  ["no key in the record", "v=DKIM1", /no key/],
  ["a record for SHA-1 only", rsa.record.replace("k=rsa", "h=sha1; k=rsa"), /sha256/],
  ["a short key", makeSigner(generateKeyPairSync("rsa", { modulusLength: 512 }), "rsa").record, /512 bits/],
  ["a record of another sort", "v=spf1 -all", /malformed|version/],
];

for (const [what, record, reason] of RECORDS) {
  test(`${what} is a reason to fail`, async () => {
    assert.match(status(await sign(rsa, "relaxed/relaxed"), record), reason);
  });
}

test("what was mended after signing holds for both verifiers, or for neither", async () => {
  const resolver = async (): Promise<string[][]> => [[rsa.record]];
  for (const form of ["relaxed/relaxed", "simple/simple"]) {
    const signed = await sign(rsa, form);
    for (const [from, to] of [
      ["  folds", " folds"],
      ["Hello  there. \t", "Hello there."],
      ["\r\n\r\n\r\n\r\n", "\r\n"],
      ["Subject:", "SUBJECT :"],
      [" indented", "indented"],
      ["", ""],
    ] as const) {
      const changed = signed.replace(from, to);
      const { results } = await dkimVerify(Buffer.from(changed), { resolver: resolver as never });
      assert.equal(status(changed, rsa.record) === "pass", results[0]?.status.result === "pass", `${form} ${from}`);
    }
  }
});

test("without a key the check says which one is wanted", async () => {
  const [found] = checkSignatures(Buffer.from(await sign(rsa, "relaxed/relaxed")), {});
  assert.equal(found?.level, "note");
  assert.match(found?.detail ?? "", /s1\._domainkey\.example\.com/);
});

test("with the key, under its name in any case, the check is good or a problem", async () => {
  const signed = await sign(rsa, "relaxed/relaxed");
  const keys = { "S1._DomainKey.Example.COM": rsa.record };
  assert.equal(checkSignatures(Buffer.from(signed), keys)[0]?.level, "ok");
  assert.equal(checkSignatures(Buffer.from(signed.replace("Hello", "")), keys)[0]?.level, "problem");
});

test("of many signatures only a few are verified", async () => {
  const signed = await sign(rsa, "relaxed/relaxed");
  const head = signed.slice(0, signed.indexOf("From:"));
  assert.equal(checkSignatures(Buffer.from(head.repeat(50) + signed), {}).length, 5);
});
