/** SASL exchanges against servers that say anything, and what providers of tokens answer. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readGrant, readRefusal } from "../../../src/oauth/token-request.js";
import { createExchange } from "../../../src/sasl/create-exchange.js";
import type { SaslExchange } from "../../../src/sasl/exchange.js";
import { MECHANISM_NAMES } from "../../../src/sasl/mechanisms.js";
import { fc } from "../../support/property.js";
import { type FuzzTarget, fuzzTarget } from "../fuzz-target.js";
import { byteSoupOf, soupOf } from "../soup.js";

const NONCE = Buffer.alloc(24, 7);
const ENVIRONMENT = {
  hostname: "mx.example",
  port: 587,
  randomBytes: (length: number): Uint8Array => NONCE.subarray(0, length),
  channelBinding: Buffer.alloc(32, 1),
};
const SECRETS = ["pencil-of-the-user", "token-of-the-user"];

const PIECES = [
  `r=${NONCE.subarray(0, 18).toString("base64")}`,
  `r=${NONCE.toString("base64")}`,
  "r=",
  ",",
  "s=QSXCR+Q6sek8bf92",
  "s=",
  "i=1",
  "i=4096",
  "i=0",
  "i=99999999999",
  "v=",
  "v=AAAA",
  "e=invalid-proof",
  "m=x",
  "Username:",
  "Password:",
  "<1896.697170952@mx>",
  '{"status":"401"}',
  '{"a":',
  "x",
  "=",
];

function start(name: string): SaslExchange {
  const [password, accessToken] = SECRETS;
  return createExchange(name, { username: "user", password, accessToken }, ENVIRONMENT);
}

/** Nothing is thrown, what makes no sense is a fault, and a server that proved nothing is not believed. */
async function checkExchange([name, challenges]: readonly [string, readonly Buffer[]]): Promise<void> {
  const exchange = start(name);
  exchange.initialResponse();
  for (const challenge of challenges) {
    const answer = await exchange.respond(challenge);
    if (answer instanceof Uint8Array) continue;
    assert.equal(typeof answer.fault, "string");
    assert.ok(answer.fault.length < 1000, "a fault is bounded");
    for (const secret of SECRETS) assert.ok(!answer.fault.includes(secret));
    break;
  }
  if (name.startsWith("SCRAM-")) assert.ok(exchange.conclude() !== undefined, "no signature, no success");
  assert.ok((exchange.refusal?.text.length ?? 0) < 4000, "a refusal is bounded");
}

const JSON_PIECES = [
  '{"access_token":',
  '"x"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"expires_in":',
  "3600",
  "-1",
  "1e999",
  '"error":',
  '"invalid_grant"',
  "null",
  "true",
  '"error_description":',
  " ",
];

function checkAnswer(text: string): void {
  const grant = readGrant(text);
  if ("fault" in grant) assert.ok(grant.fault.length < 1000);
  else assert.match(grant.accessToken, /^[\x20-\x7e]+$/);
  assert.ok(JSON.stringify(readRefusal(text)).length < 10_000);
}

export const SASL_TARGETS: readonly FuzzTarget[] = [
  fuzzTarget(
    "SASL",
    fc.tuple(fc.constantFrom(...MECHANISM_NAMES), fc.array(byteSoupOf(PIECES, 8), { maxLength: 4 })),
    checkExchange,
  ),
  fuzzTarget("answer of a token endpoint", soupOf(JSON_PIECES, 12), checkAnswer),
];
