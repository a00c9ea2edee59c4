/**
 * oauth2() as a client uses it: when it is asked, what a refused token leads to, and what a provider's failure does.
 */
import assert from "node:assert/strict";
import {
  OAuthTokenError,
  oauth2,
  SmtpAuthenticationError,
  SmtpClient,
  SmtpPool,
  SmtpTlsError,
} from "../../src/index.js";
import { ForeignStream } from "../support/foreign-stream.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejects } from "../support/settle.js";
import { refusing, TokenServer } from "../support/token-server.js";

const USER = "ann@example.org";

const grant = (token: string): Record<string, unknown> => ({
  access_token: token,
  token_type: "Bearer",
  expires_in: 3600,
});

const tokens = (provider: TokenServer) =>
  oauth2({ tokenUrl: provider.url, clientId: "id", clientSecret: "secret", refreshToken: "refresh" });

const xoauth2 = (token: string): string => `AUTH XOAUTH2 ${btoa(`user=${USER}\u0001auth=Bearer ${token}\u0001\u0001`)}`;

/** A server that takes one token. */
const taking = (token: string): Promise<ScriptedServer> =>
  ScriptedServer.start({
    extensions: ["AUTH XOAUTH2"],
    replies: { AUTH: ({ line }) => (line === xoauth2(token) ? "235 ok" : "535 5.7.8 no") },
  });

acceptance("the connections of a pool share one token", async () => {
  await using provider = await TokenServer.start(grant("one"));
  await using server = await taking("one");
  await using pool = new SmtpPool({
    ...plain(server),
    username: USER,
    accessToken: tokens(provider),
    maxConnections: 3,
    maxMessagesPerConnection: 1,
  });
  await Promise.all(Array.from({ length: 6 }, () => pool.send(TEXT, ENVELOPE)));
  assert.equal(provider.requests.length, 1);
  assert.ok(server.connections.length > 1);
});

acceptance("a token that the server refuses is replaced once; the second answer counts", async () => {
  await using provider = await TokenServer.start(grant("stale"), grant("fresh"));
  const options = { username: USER, accessToken: tokens(provider) };
  await using server = await taking("fresh");
  await using client = await SmtpClient.connect({ ...plain(server), ...options });
  assert.equal(client.isConnected, true);
  assert.equal(provider.requests.length, 2);

  await using strict = await taking("none of these");
  await rejects(SmtpClient.connect({ ...plain(strict), ...options }), SmtpAuthenticationError);
  assert.equal(provider.requests.length, 3);
  assert.equal(strict.verbs.filter((verb) => verb === "AUTH").length, 2);
});

acceptance("a provider's refusal is the error of the connect, and closes it without a word of AUTH", async () => {
  await using provider = await TokenServer.start(refusing(400, { error: "invalid_grant" }));
  await using server = await taking("one");
  const options = { ...plain(server), username: USER, accessToken: tokens(provider) };
  const error = await rejects(SmtpClient.connect(options), OAuthTokenError);
  assert.equal(error.reason, "invalid_grant");
  await closed(undefined, await server.connection());
  assert.ok(!server.verbs.includes("AUTH"));
});

acceptance("nobody is asked for a token that may not be sent", async () => {
  await using provider = await TokenServer.start(grant("one"));
  await using server = await taking("one");
  const socket = () => ForeignStream.open(server.port);
  const options = { startTls: false, socket, username: USER, accessToken: tokens(provider) };
  await rejects(SmtpClient.connect(options), SmtpTlsError);
  assert.equal(provider.requests.length, 0);
});
