import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isSmtpError, type OAuth2Options, OAuthTokenError, oauth2 } from "../../src/index.js";
import { refusal } from "../options/refusal.js";
import { testCertificates } from "../support/certificates.js";
import { refusing, TokenServer } from "../support/token-server.js";

const GRANT = { access_token: "ya29.token", token_type: "Bearer", expires_in: 3600 };
const CLIENT = { clientId: "id+1", clientSecret: "s3cret:/ &word" } as const;
const REFRESH_TOKEN = "1//refresh-token";

const options = (server: TokenServer, more: Partial<OAuth2Options> = {}): OAuth2Options => ({
  tokenUrl: server.url,
  ...CLIENT,
  refreshToken: REFRESH_TOKEN,
  ...more,
});

async function failure(promise: Promise<unknown>): Promise<OAuthTokenError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OAuthTokenError, String(error));
  assert.ok(isSmtpError(error));
  assert.deepEqual(
    [error.name, error.code, error.phase, error.outcome],
    ["OAuthTokenError", "oauth", "auth", "not-sent"],
  );
  const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + error.stack;
  for (const secret of [CLIENT.clientSecret, REFRESH_TOKEN, GRANT.access_token, encodeURIComponent(REFRESH_TOKEN)]) {
    assert.ok(!shown.includes(secret), `${secret} shows in ${shown}`);
  }
  return error;
}

test("a refresh token is exchanged for an access token, with the client's credentials in the body", async () => {
  await using server = await TokenServer.start(GRANT);
  assert.equal(await oauth2(options(server, { scope: ["a", "b"] }))(), "ya29.token");
  const [request] = server.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request?.headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(request?.headers.authorization, undefined);
  assert.deepEqual(request?.fields, {
    grant_type: "refresh_token",
    refresh_token: REFRESH_TOKEN,
    scope: "a b",
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
  });
});

test("client credentials are a grant of their own", async () => {
  await using server = await TokenServer.start(GRANT);
  const token = oauth2({ tokenUrl: new URL(server.url), ...CLIENT, clientCredentials: true, scope: "x" });
  assert.equal(await token(), "ya29.token");
  assert.deepEqual(server.requests[0]?.fields, {
    grant_type: "client_credentials",
    scope: "x",
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
  });
});

test("a client without a secret sends none", async () => {
  await using server = await TokenServer.start(GRANT);
  await oauth2({ tokenUrl: server.url, clientId: "id", refreshToken: REFRESH_TOKEN })();
  assert.deepEqual(Object.keys(server.requests[0]?.fields ?? {}), ["grant_type", "refresh_token", "client_id"]);
});

test("Basic has both in the Authorization field, form-encoded, and nothing in the body", async () => {
  await using server = await TokenServer.start(GRANT);
  await oauth2(options(server, { clientAuthentication: "basic" }))();
  const [request] = server.requests;
  assert.equal(request?.headers.authorization, `Basic ${btoa("id%2B1:s3cret%3A%2F+%26word")}`);
  assert.deepEqual(Object.keys(request?.fields ?? {}), ["grant_type", "refresh_token"]);
});

test("the token is kept; a refused one is replaced", async () => {
  await using server = await TokenServer.start(GRANT, { ...GRANT, access_token: "second" });
  const token = oauth2(options(server));
  assert.deepEqual(
    [await token(), await token({}), await token({ expired: true }), await token()],
    ["ya29.token", "ya29.token", "second", "second"],
  );
  assert.equal(server.requests.length, 2);
});

test("a rotated refresh token is told and used", async () => {
  await using server = await TokenServer.start({ ...GRANT, refresh_token: "rotated" }, GRANT);
  const told: string[] = [];
  const token = oauth2(options(server, { onRefreshToken: (fresh) => void told.push(fresh) }));
  await token();
  await token({ expired: true });
  assert.deepEqual(told, ["rotated"]);
  assert.equal(server.requests[1]?.fields["refresh_token"], "rotated");
});

test("a refusal tells the status, the provider's word and what to do", async () => {
  await using server = await TokenServer.start(
    refusing(400, { error: "invalid_grant", error_description: "Token has been expired or revoked." }),
  );
  const error = await failure(oauth2(options(server, { tokenUrl: `${server.url}?tenant=x` }))());
  assert.deepEqual([error.status, error.reason, error.retry], [400, "invalid_grant", "never"]);
  assert.equal(error.tokenUrl, server.url);
  assert.match(error.message, /: status 400 invalid_grant: Token has been expired or revoked\. The refresh token/);
});

test("trouble of the provider's may pass; a refusal does not", async () => {
  for (const [status, answer, retry] of [
    [500, "<html>", "later"],
    [503, { error: "temporarily_unavailable" }, "later"],
    [429, "", "later"],
    [400, { error: "slow_down" }, "later"],
    [400, "<html>", "never"],
    [401, { error: "invalid_client" }, "never"],
    [404, "", "never"],
  ] as const) {
    await using server = await TokenServer.start(refusing(status, answer));
    const error = await failure(oauth2(options(server))());
    assert.deepEqual([error.status, error.retry], [status, retry]);
  }
});

test("a provider that repeats the secrets does not get them into the error, nor control characters", async () => {
  const said = `no ${CLIENT.clientSecret} and ${REFRESH_TOKEN} ${encodeURIComponent(REFRESH_TOKEN)} \u001b[2J ${"x".repeat(9999)}`;
  await using server = await TokenServer.start(refusing(400, { error: "invalid_grant", error_description: said }));
  const error = await failure(oauth2(options(server))());
  assert.match(error.message, /no \*\*\* and \*\*\* \*\*\* \\x1b/);
  assert.ok(error.message.length < 700);
});

test("an answer that is no token is an error that shows nothing of it", async () => {
  for (const answer of [{ ...GRANT, token_type: "mac" }, refusing(200, `"${GRANT.access_token}"`), refusing(204, "")]) {
    await using server = await TokenServer.start(answer);
    assert.equal((await failure(oauth2(options(server))())).retry, "never");
  }
});

test("an answer without end is given up", async () => {
  await using server = await TokenServer.start((response) => {
    const more = (): void => {
      while (response.write("x".repeat(16_384)));
    };
    response.on("drain", more);
    more();
  });
  assert.match((await failure(oauth2(options(server))())).message, /too long/);
});

test("a redirect is not followed: the secrets stay with whom they were meant for", async () => {
  await using elsewhere = await TokenServer.start(GRANT);
  for (const status of [301, 302, 307, 308]) {
    await using server = await TokenServer.start((response) =>
      response.writeHead(status, { Location: elsewhere.url }).end(),
    );
    const error = await failure(oauth2(options(server))());
    assert.match(error.message, /was redirected/);
    assert.equal(error.retry, "never");
  }
  assert.deepEqual(elsewhere.requests, []);
});

test("a redirect that a fetch of the caller's has followed is refused", async () => {
  await using elsewhere = await TokenServer.start(GRANT);
  await using server = await TokenServer.start((response) =>
    response.writeHead(307, { Location: elsewhere.url }).end(),
  );
  const following: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "follow" });
  const error = await failure(oauth2(options(server, { fetch: following }))());
  assert.match(error.message, /redirected/);
  assert.equal(error.retry, "never");
});

test("a permission that the runtime does not give is not given later", async () => {
  for (const error of [
    new Error('Requires net access to "login.example.com:443", run again with the --allow-net flag'),
    new TypeError("fetch failed", {
      cause: new Error("connect ERR_ACCESS_DENIED. Use --allow-net to manage permissions."),
    }),
  ]) {
    const denied = oauth2({
      tokenUrl: "https://login.example.com/token",
      clientId: "id",
      refreshToken: "refresh",
      fetch: () => Promise.reject(error),
    });
    const { retry, message } = await failure(denied());
    assert.equal(retry, "never");
    assert.match(message, /--allow-net/);
  }
});

test("a provider that cannot be reached, or hangs up, may be there later", async () => {
  const server = await TokenServer.start((response) => response.destroy());
  const broken = await failure(oauth2(options(server))());
  assert.deepEqual([broken.status, broken.retry], [undefined, "later"]);
  const gone = options(server);
  await server[Symbol.asyncDispose]();
  const refused = await failure(oauth2(gone)());
  assert.equal(refused.retry, "later");
  assert.match(refused.message, /ECONNREFUSED|Connection refused/);
});

test("a provider that does not answer, or not to the end, is given up after the timeout", async () => {
  for (const answer of [() => undefined, (response: { write(text: string): unknown }) => response.write("{")]) {
    await using server = await TokenServer.start(answer);
    const error = await failure(oauth2(options(server, { timeout: 100 }))());
    assert.equal(error.retry, "later");
    assert.match(error.message, /no response within 100 ms/);
  }
});

test("a fetch that does not heed its signal is not waited for", async () => {
  await using server = await TokenServer.start(GRANT);
  const deaf = (() => new Promise(() => undefined)) as typeof fetch;
  // The limit's timer does not keep a process alive, so something else must.
  const alive = setInterval(() => undefined, 1000);
  const error = await failure(oauth2(options(server, { fetch: deaf, timeout: 50 }))());
  clearInterval(alive);
  assert.match(error.message, /no response within 50 ms/);
});

test("the error of a fetch that carries the request does not come out", async () => {
  await using server = await TokenServer.start(GRANT);
  const careless = ((_input: unknown, request: { body: string }) =>
    Promise.reject(Object.assign(new Error(`failed: ${request.body}`), { request }))) as never;
  await failure(oauth2(options(server, { fetch: careless }))());
});

test("a certificate that does not hold is an error before anything is said", async () => {
  const { selfSigned } = await testCertificates();
  await using server = await TokenServer.startTls(selfSigned, GRANT);
  const error = await failure(oauth2(options(server, { tokenUrl: `https://localhost:${server.port}/` }))());
  assert.match(error.message, /self[- ]signed|UnknownIssuer/);
  assert.deepEqual(server.requests, []);
});

test("nothing that prints the function shows what it keeps", async () => {
  await using server = await TokenServer.start(GRANT);
  const token = oauth2(options(server));
  await token();
  assert.doesNotMatch(inspect(token, { depth: 10, showHidden: true }), /s3cret|refresh-token|ya29/);
});

test("what is no option is refused with the rule, and values are not shown", () => {
  const good = { tokenUrl: "https://id.example.com/token", ...CLIENT, refreshToken: REFRESH_TOKEN };
  for (const [option, given, rule] of [
    ["oauth2", undefined, /object/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: undefined }, /must be given/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "id.example.com" }, /URL/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "http://id.example.com/token" }, /https/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "http://127.0.0.1.example.com/" }, /https/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "ftp://id.example.com/token" }, /https/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "https://me:pw@id.example.com/token" }, /credentials/],
    ["oauth2.tokenUrl", { ...good, tokenUrl: "https://id.example.com/token#x" }, /fragment/],
    ["oauth2.clientId", { ...good, clientId: undefined }, /must be given/],
    ["oauth2.clientId", { ...good, clientId: "" }, /empty/],
    ["oauth2.clientSecret", { ...good, clientSecret: "a\r\nb" }, /control/],
    ["oauth2.clientSecret", { ...good, clientSecret: undefined, clientAuthentication: "basic" }, /basic/],
    [
      "oauth2.clientSecret",
      { ...good, clientSecret: undefined, refreshToken: undefined, clientCredentials: true },
      /given/,
    ],
    ["oauth2.refreshToken", { ...good, refreshToken: undefined }, /clientCredentials: true/],
    ["oauth2.refreshToken", { ...good, refreshToken: "a b" }, /visible ASCII/],
    ["oauth2.clientCredentials", { ...good, clientCredentials: true }, /together/],
    ["oauth2.scope", { ...good, scope: "" }, /empty/],
    ["oauth2.scope", { ...good, scope: [] }, /words/],
    ["oauth2.scope", { ...good, scope: 'a"b' }, /words/],
    ["oauth2.scope", { ...good, scope: "a  b" }, /words/],
    ["oauth2.clientAuthentication", { ...good, clientAuthentication: "header" }, /basic/],
    ["oauth2.timeout", { ...good, timeout: 0 }, /milliseconds/],
    ["oauth2.fetch", { ...good, fetch: "x" }, /function/],
    ["oauth2.refresh_token", { ...good, refresh_token: "x" }, /did you mean refreshToken/],
    ["oauth2.clientSecret", { ...good, clientSecret: null }, /null/],
  ] as const) {
    const error = refusal(option, () => oauth2(given as never), rule);
    assert.doesNotMatch(inspect(error, { depth: 10 }), /s3cret|refresh-token/);
  }
});

test("http is allowed to this machine, by any of its names", () => {
  for (const tokenUrl of ["http://localhost:1/", "http://127.0.0.1/", "http://[::1]:8080/token", "http://127.1/"]) {
    assert.equal(typeof oauth2({ tokenUrl, ...CLIENT, refreshToken: "r" }), "function");
  }
});
