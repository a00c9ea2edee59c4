import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { OauthBearerExchange, Xoauth2Exchange } from "../../src/sasl/tokens.js";
import { answer, base64, environment, faultOf, text } from "./harness.js";

const GOOGLE = { username: "someuser@example.com", accessToken: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg" };
const RFC_7628 = { username: "user@example.com", accessToken: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" };
const decode = (challenge: string): string => Buffer.from(challenge, "base64").toString("utf8");

test("XOAUTH2: Google's example", () => {
  assert.equal(
    base64(new Xoauth2Exchange(GOOGLE).initialResponse()),
    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
  );
});

test("XOAUTH2: the refusal is answered with nothing, and its JSON is kept", async () => {
  const exchange = new Xoauth2Exchange(GOOGLE);
  exchange.initialResponse();
  const refusal = decode(
    "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K",
  );
  assert.equal(await answer(exchange, refusal), "");
  assert.deepEqual(exchange.refusal?.detail, {
    status: "401",
    schemes: "bearer mac",
    scope: "https://mail.google.com/",
  });
  assert.equal(exchange.refusal?.text, "status 401, scope https://mail.google.com/");
});

test("OAUTHBEARER: the SMTP example of RFC 7628 §4.3", () => {
  const exchange = new OauthBearerExchange(RFC_7628, environment({ hostname: "server.example.com", port: 587 }));
  assert.equal(
    text(exchange.initialResponse()),
    "n,a=user@example.com,\x01host=server.example.com\x01port=587\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01",
  );
});

test("OAUTHBEARER: host and port are left out where there is none, and the name is escaped", () => {
  const exchange = new OauthBearerExchange(
    { username: "a=b,c", accessToken: "t" },
    environment({ hostname: undefined, port: undefined }),
  );
  assert.equal(text(exchange.initialResponse()), "n,a=a=3Db=2Cc,\x01auth=Bearer t\x01\x01");
});

test("OAUTHBEARER: the refusal of RFC 7628 §4.3 is answered with one U+0001", async () => {
  const exchange = new OauthBearerExchange(RFC_7628, environment());
  exchange.initialResponse();
  const refusal = decode(
    "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=",
  );
  assert.equal(await answer(exchange, refusal), "\x01");
  assert.deepEqual(exchange.refusal?.detail, {
    status: "invalid_token",
    scope: "example_scope",
    "openid-configuration": "https://example.com/.well-known/openid-configuration",
  });
});

test("an empty challenge is answered with the response, once", async () => {
  const exchange = new Xoauth2Exchange({ username: "u", accessToken: "t" });
  assert.equal(await answer(exchange, ""), "user=u\x01auth=Bearer t\x01\x01");
  assert.match(await faultOf(exchange, ""), /twice/);
});

test("a challenge that is no JSON object is a fault", async () => {
  for (const challenge of ["hello", "[]", "null", "401", '{"status":']) {
    assert.match(await faultOf(new Xoauth2Exchange(GOOGLE), challenge), /not a JSON object/);
  }
});

test("a server that goes on after its refusal, or calls it success, is a fault", async () => {
  const exchange = new OauthBearerExchange(RFC_7628, environment());
  assert.equal(exchange.conclude(), undefined);
  await answer(exchange, "{}");
  assert.match(await faultOf(exchange, "{}"), /continued after/);
  assert.match(exchange.conclude()?.fault ?? "", /reported success/);
});

test("the words of a refusal are bounded and cannot move a terminal", async () => {
  const exchange = new Xoauth2Exchange(GOOGLE);
  await answer(exchange, JSON.stringify({ status: `\u001b[2J${"x".repeat(5000)}`, scope: {}, __proto__: 1 }));
  const { text: words = "" } = exchange.refusal ?? {};
  assert.ok(words.startsWith("status \\x1b[2J"));
  assert.ok(words.length < 300);
});
