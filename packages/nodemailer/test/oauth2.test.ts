/**
 * OAuth 2 by nodemailer's options.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import ours from "../src/index.js";
import { failure } from "./support/failure.js";
import { startServer } from "./support/recording-server.js";

const BASE = { from: "ann@example.org", to: "bob@example.com", text: "Hi" };

/** A server that takes one token, and tells which were offered. */
async function tokenTaker(good: string) {
  const offered: (string | undefined)[] = [];
  const server = await startServer({
    mechanisms: ["XOAUTH2"],
    answer: (step) => {
      if (!("login" in step) || step.login === undefined) return undefined;
      offered.push(step.login.secret);
      return step.login.secret === good ? undefined : { code: 535, text: "5.7.8 no" };
    },
  });
  return { server, offered };
}

/** A token endpoint. */
async function endpoint(answer: (body: URLSearchParams) => object) {
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer(new URLSearchParams(text))));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test("an access token is used as it is", async () => {
  const { server, offered } = await tokenTaker("t1");
  await using _ = server;
  const auth = { type: "OAuth2", user: "ann@example.org", accessToken: "t1" };
  await ours.createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true, auth }).sendMail(BASE);
  assert.deepEqual(offered, ["t1"]);
});

test("a refresh token gets access tokens, and the transporter tells of them", async () => {
  const { server, offered } = await tokenTaker("fresh");
  await using _ = server;
  await using tokens = await endpoint((body) => {
    assert.equal(body.get("refresh_token"), "r1");
    return { access_token: "fresh", token_type: "Bearer", expires_in: 3600 };
  });
  const auth = {
    type: "OAuth2",
    user: "ann@example.org",
    clientId: "c",
    clientSecret: "s",
    refreshToken: "r1",
    accessUrl: tokens.url,
    accessToken: "old",
  };
  const transporter = ours.createTransport({ pool: true, host: "127.0.0.1", port: server.port, ignoreTLS: true, auth });
  const told: unknown[] = [];
  transporter.on("token", (token) => told.push(token));
  await transporter.sendMail(BASE);
  transporter.close();
  assert.deepEqual(offered, ["old", "fresh"]);
  assert.deepEqual(told, [{ user: "ann@example.org", accessToken: "fresh", expires: 0 }]);
});

test("a token is asked for once, also without a pool", async () => {
  const { server, offered } = await tokenTaker("fresh");
  await using _ = server;
  let asked = 0;
  await using tokens = await endpoint(() => {
    asked += 1;
    return { access_token: "fresh", token_type: "Bearer", expires_in: 3600 };
  });
  const auth = { type: "OAuth2", user: "ann", clientId: "c", refreshToken: "r1", accessUrl: tokens.url };
  const transporter = ours.createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true, auth });
  await transporter.sendMail(BASE);
  await transporter.sendMail(BASE);
  assert.deepEqual([asked, offered], [1, ["fresh", "fresh"]]);
});

test("a function of the program's own gives tokens", async () => {
  const { server, offered } = await tokenTaker("own");
  await using _ = server;
  const transporter = ours.createTransport({
    host: "127.0.0.1",
    port: server.port,
    ignoreTLS: true,
    auth: { type: "OAuth2", user: "ann" },
  });
  transporter.set("oauth2_provision_cb", (user, renew, callback) =>
    callback(null, user === "ann" && !renew ? "own" : undefined),
  );
  await transporter.sendMail(BASE);
  assert.deepEqual(offered, ["own"]);
});

test("the key of a service account asks for tokens", async () => {
  const { server, offered } = await tokenTaker("service");
  await using _ = server;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await using tokens = await endpoint((body) => {
    const [, claims = ""] = (body.get("assertion") ?? "").split(".");
    const { iss, sub } = JSON.parse(Buffer.from(claims, "base64url").toString());
    return iss === "client" && sub === "ann@example.org"
      ? { access_token: "service", expires_in: 3600 }
      : { error: "invalid_grant" };
  });
  const auth = {
    type: "OAuth2",
    user: "ann@example.org",
    serviceClient: "client",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    accessUrl: tokens.url,
  };
  await ours.createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true, auth }).sendMail(BASE);
  assert.deepEqual(offered, ["service"]);
});

test("a login without a token is an EOAUTH2", async () => {
  const auth = { type: "OAuth2", user: "ann@example.org" };
  assert.equal(
    (await failure(ours.createTransport({ host: "127.0.0.1", port: 1, auth }).sendMail(BASE))).code,
    "EOAUTH2",
  );
});
