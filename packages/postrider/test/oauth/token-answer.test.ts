import assert from "node:assert/strict";
import { test } from "node:test";
import { readGrant, readRefusal } from "../../src/oauth/token-request.js";

const GOOD = { access_token: "a.b-c", token_type: "Bearer", expires_in: 3599 };

test("a token, its lifetime and a new refresh token", () => {
  const grant = { accessToken: "a.b-c", lifetime: 3599, refreshToken: undefined };
  assert.deepEqual(readGrant(JSON.stringify(GOOD)), grant);
  assert.deepEqual(readGrant(JSON.stringify({ ...GOOD, token_type: "bEARER", expires_in: "3599" })), grant);
  assert.deepEqual(readGrant(JSON.stringify({ ...GOOD, expires_in: undefined })), { ...grant, lifetime: undefined });
  assert.deepEqual(readGrant(JSON.stringify({ ...GOOD, refresh_token: "r" })), { ...grant, refreshToken: "r" });
});

test("an answer that makes no sense is a fault that names the member and shows no value", () => {
  for (const [answer, fault] of [
    ["", /JSON/],
    ["<html>", /JSON/],
    ["[]", /JSON/],
    ["null", /JSON/],
    ['"secret"', /JSON/],
    [{ ...GOOD, token_type: undefined }, /token_type/],
    [{ ...GOOD, token_type: "mac" }, /token_type/],
    [{ ...GOOD, access_token: undefined }, /access_token/],
    [{ ...GOOD, access_token: "" }, /access_token/],
    [{ ...GOOD, access_token: "secret\r\nX" }, /access_token/],
    [{ ...GOOD, access_token: "secret\u00e9" }, /access_token/],
    [{ ...GOOD, access_token: { secret: 1 } }, /access_token/],
    [{ ...GOOD, refresh_token: "secret x" }, /refresh_token/],
    [{ ...GOOD, expires_in: -1 }, /expires_in/],
    [{ ...GOOD, expires_in: null }, /expires_in/],
    [{ ...GOOD, expires_in: "soon" }, /expires_in/],
  ] as const) {
    const read = readGrant(typeof answer === "string" ? answer : JSON.stringify(answer));
    assert.ok("fault" in read);
    assert.match(read.fault, fault);
    assert.doesNotMatch(read.fault, /secret/);
  }
});

test("a refusal has a word and a description, or neither", () => {
  const text = JSON.stringify({ error: "invalid_grant", error_description: "Expired." });
  assert.deepEqual(readRefusal(text), { reason: "invalid_grant", description: "Expired." });
  const nothing = { reason: undefined, description: undefined };
  for (const other of ["", "<html>", "[1]", '{"error":{"code":1}}', '{"error":"a\\u0000b"}']) {
    assert.deepEqual(readRefusal(other), nothing);
  }
});
