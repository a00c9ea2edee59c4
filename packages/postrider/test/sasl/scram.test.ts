import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import { OptionError } from "../../src/errors/errors.js";
import type { SaslCredentials, SaslEnvironment } from "../../src/sasl/exchange.js";
import type { ScramHash } from "../../src/sasl/scram.js";
import { ScramExchange } from "../../src/sasl/scram.js";
import { answer, environment, faultOf, text } from "./harness.js";

const PENCIL = { username: "user", password: "pencil" };
const SHA1_FIRST = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
const SHA1_NONCE = "fyko+d2lbbFgONRv9qkxdawL";

function scram(hash: ScramHash, nonce: string, credentials: SaslCredentials = PENCIL): ScramExchange {
  const randomBytes = (): Uint8Array => Buffer.from(nonce, "base64");
  return new ScramExchange({ hash, bindsChannel: false }, credentials, environment({ randomBytes }));
}

/** A server of RFC 5802 by Node's own crypto: checks the client's proof, gives the signature. */
function serve(hash: ScramHash, password: string, first: string, serverFirst: string, final: string): string {
  const name = hash.replace("-", "").toLowerCase();
  const [, salt = "", count = ""] = /s=([^,]*),i=(\d+)/.exec(serverFirst) ?? [];
  const size = hash === "SHA-1" ? 20 : 32;
  const salted = pbkdf2Sync(Buffer.from(password, "utf8"), Buffer.from(salt, "base64"), Number(count), size, name);
  const clientKey = createHmac(name, salted).update("Client Key").digest();
  const storedKey = createHash(name).update(clientKey).digest();
  const bare = first.replace(/^[^,]*,[^,]*,/, "");
  const [withoutProof = "", proof = ""] = final.split(",p=");
  const message = `${bare},${serverFirst},${withoutProof}`;
  const signature = createHmac(name, storedKey).update(message).digest();
  assert.deepEqual(
    Buffer.from(proof, "base64").map((byte, index) => byte ^ (signature[index] ?? 0)),
    clientKey,
    "the proof does not hold",
  );
  const serverKey = createHmac(name, salted).update("Server Key").digest();
  return `v=${createHmac(name, serverKey).update(message).digest("base64")}`;
}

test("SCRAM-SHA-1: the example of RFC 5802 §5", async () => {
  const exchange = scram("SHA-1", SHA1_NONCE);
  assert.equal(exchange.mechanism, "SCRAM-SHA-1");
  assert.equal(text(exchange.initialResponse()), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  assert.equal(
    await answer(exchange, SHA1_FIRST),
    "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
  );
  assert.equal(await answer(exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "");
  assert.equal(exchange.conclude(), undefined);
});

test("SCRAM-SHA-256: the example of RFC 7677 §3", async () => {
  const exchange = scram("SHA-256", "rOprNGfwEbeRWgbNEkqO");
  assert.equal(text(exchange.initialResponse()), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  assert.equal(
    await answer(exchange, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  );
  assert.equal(await answer(exchange, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "");
  assert.equal(exchange.conclude(), undefined);
});

test("-PLUS binds the proof to the TLS connection", async () => {
  const channelBinding = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
  for (const hash of ["SHA-1", "SHA-256"] as const) {
    const exchange = new ScramExchange({ hash, bindsChannel: true }, PENCIL, environment({ channelBinding }));
    assert.equal(exchange.mechanism, `SCRAM-${hash}-PLUS`);
    const first = text(exchange.initialResponse());
    assert.match(first, /^p=tls-exporter,,n=user,r=/);
    const serverFirst = `${first.slice(first.indexOf("r="))}server,s=c2FsdA==,i=4096`;
    const final = await answer(exchange, serverFirst);
    const bound = Buffer.concat([Buffer.from("p=tls-exporter,,"), channelBinding]).toString("base64");
    assert.ok(final.startsWith(`c=${bound},`));
    assert.equal(await answer(exchange, serve(hash, "pencil", first, serverFirst, final)), "");
    assert.equal(exchange.conclude(), undefined);
  }
});

test("-PLUS without a connection to bind to is an error", () => {
  assert.throws(() => new ScramExchange({ hash: "SHA-1", bindsChannel: true }, PENCIL, environment()), OptionError);
});

test("the flag tells whether binding was possible and whether it was offered", () => {
  const flag = (known: Partial<SaslEnvironment>): string =>
    text(
      new ScramExchange({ hash: "SHA-256", bindsChannel: false }, PENCIL, environment(known)).initialResponse(),
    )[0] ?? "";
  const channelBinding = new Uint8Array(32);
  assert.equal(flag({ channelBinding, offered: ["SCRAM-SHA-256", "PLAIN"] }), "y");
  assert.equal(flag({ channelBinding, offered: ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"] }), "n");
  assert.equal(flag({ channelBinding, offered: ["SCRAM-SHA-256", "scram-sha-1-plus"] }), "n");
  assert.equal(flag({ channelBinding }), "n");
  assert.equal(flag({ offered: ["SCRAM-SHA-256"] }), "n");
});

test("names are prepared and escaped, passwords prepared", async () => {
  const credentials = { username: "\u2168=,\u00ad", password: "I\u00adX", authorizationId: "a,b" };
  const exchange = scram("SHA-256", SHA1_NONCE, credentials);
  const first = text(exchange.initialResponse());
  assert.equal(first, `n,a=a=2Cb,n=IX=3D=2C,r=${SHA1_NONCE}`);
  const serverFirst = `r=${SHA1_NONCE}x,s=c2FsdA==,i=4096`;
  const final = await answer(exchange, serverFirst);
  assert.equal(await answer(exchange, serve("SHA-256", "IX", first, serverFirst, final)), "");
});

test("what SASLprep forbids is an error that names the option and shows nothing", () => {
  for (const [credentials, option] of [
    [{ username: "user", password: "hunter2\u0007" }, "password"],
    [{ username: "\u0627\u0031", password: "x" }, "username"],
  ] as const) {
    assert.throws(
      () => scram("SHA-1", SHA1_NONCE, credentials),
      (error) => error instanceof OptionError && error.option === option && !error.message.includes("hunter2"),
    );
  }
});

test("an empty challenge first is answered with the first message again, once", async () => {
  const exchange = scram("SHA-1", SHA1_NONCE);
  assert.equal(await answer(exchange, ""), `n,,n=user,r=${SHA1_NONCE}`);
  assert.match(await faultOf(exchange, ""), /malformed/);
});

test("a first message of the server that does not hold is a fault", async () => {
  const cases: readonly [string, RegExp][] = [
    ["hello", /malformed/],
    [`r=${SHA1_NONCE}x,i=4096,s=c2FsdA==`, /malformed/],
    [`r=${SHA1_NONCE},s=c2FsdA==,i=4096`, /nonce/],
    ["r=other,s=c2FsdA==,i=4096", /nonce/],
    [`r=x${SHA1_NONCE}x,s=c2FsdA==,i=4096`, /nonce/],
    [`r=${SHA1_NONCE}x,s=c2Fsd,i=4096`, /salt/],
    [`r=${SHA1_NONCE}x,s=,i=4096`, /malformed/],
    [`r=${SHA1_NONCE}x,s=====,i=4096`, /salt/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=0`, /malformed/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=-1`, /malformed/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=4096x`, /malformed/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=1`, /4096 to 2000000/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=2000001`, /4096 to 2000000/],
    [`r=${SHA1_NONCE}x,s=c2FsdA==,i=${"9".repeat(30)}`, /malformed/],
    [`m=ext,r=${SHA1_NONCE}x,s=c2FsdA==,i=4096`, /extension/],
  ];
  for (const [challenge, fault] of cases)
    assert.match(await faultOf(scram("SHA-1", SHA1_NONCE), challenge), fault, challenge);
});

test("extensions after the iterations are passed over", async () => {
  const exchange = scram("SHA-256", SHA1_NONCE);
  const serverFirst = `r=${SHA1_NONCE}x,s=c2FsdA==,i=4096,z=more`;
  const final = await answer(exchange, serverFirst);
  assert.equal(
    await answer(exchange, serve("SHA-256", "pencil", text(exchange.initialResponse()), serverFirst, final)),
    "",
  );
});

test("a wrong, cut or missing signature is a fault, and success without it too", async () => {
  for (const last of [
    "v=smF9pqV8S7suAoZWja4dJRkFsKQ=",
    "v=rmF9pqV8S7suAoZWja4dJRkFsKR=",
    "v=rmF9",
    "v=",
    "v=!!!!",
    "",
    "x=1",
  ]) {
    const exchange = scram("SHA-1", SHA1_NONCE);
    await answer(exchange, SHA1_FIRST);
    assert.match(await faultOf(exchange, last), /signature/, last);
    assert.match(exchange.conclude()?.fault ?? "", /without proving/);
  }
  const early = scram("SHA-1", SHA1_NONCE);
  early.initialResponse();
  assert.match(early.conclude()?.fault ?? "", /without proving/);
});

test("a reason by e= is kept and answered with nothing; success after it is a fault", async () => {
  const exchange = scram("SHA-1", SHA1_NONCE);
  await answer(exchange, SHA1_FIRST);
  assert.equal(await answer(exchange, "e=invalid-proof"), "");
  assert.equal(exchange.refusal?.text, "invalid-proof");
  assert.ok(exchange.conclude());
  assert.match(await faultOf(exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), /continued after/);
  const first = scram("SHA-1", SHA1_NONCE);
  assert.equal(await answer(first, `e=\u001b${"x".repeat(500)}`), "");
  assert.equal(first.refusal?.text.length, 103);
});

test("a server that goes on after its signature is a fault", async () => {
  const exchange = scram("SHA-1", SHA1_NONCE);
  await answer(exchange, SHA1_FIRST);
  await answer(exchange, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
  assert.match(await faultOf(exchange, ""), /continued after/);
});
