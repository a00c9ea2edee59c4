import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenSource } from "../../src/oauth/oauth2.js";
import type { TokenGrant } from "../../src/oauth/token-request.js";

/** A source whose clock stands still until it is told, and whose provider counts: token-1, token-2. */
function counting(grant: Partial<TokenGrant> = {}, onRefreshToken?: (token: string) => void | Promise<void>) {
  const asked: (string | undefined)[] = [];
  const clock = { now: 1_000_000 };
  const source = new TokenSource({
    request: async (refreshToken) => {
      asked.push(refreshToken);
      return { accessToken: `token-${asked.length}`, lifetime: 3600, refreshToken: undefined, ...grant };
    },
    refreshToken: "refresh-0",
    onRefreshToken,
    now: () => clock.now,
  });
  return { source, asked, clock };
}

test("a token is kept until 60 seconds before its end", async () => {
  const { source, clock } = counting();
  assert.equal(await source.token(), "token-1");
  clock.now += 3_540_000 - 1;
  assert.equal(await source.token(), "token-1");
  clock.now += 1;
  assert.equal(await source.token(), "token-2");
});

test("the time that a request takes is part of the token's life", async () => {
  const { source, clock } = counting();
  const asked = source.token();
  clock.now += 3_000_000;
  await asked;
  clock.now += 540_000;
  assert.equal(await source.token(), "token-2");
});

test("all who ask at the same time share one request", async () => {
  const { source, asked } = counting();
  const tokens = await Promise.all(Array.from({ length: 10 }, () => source.token()));
  assert.deepEqual(new Set(tokens), new Set(["token-1"]));
  assert.equal(asked.length, 1);
});

test("a token that a server refused is dropped; those who ask for another share it", async () => {
  const { source, asked } = counting();
  await source.token();
  const fresh = await Promise.all([source.token({ expired: true }), source.token({ expired: true }), source.token()]);
  assert.deepEqual(fresh, ["token-2", "token-2", "token-2"]);
  assert.equal(asked.length, 2);
});

test("a token of which no lifetime is known, or less than a minute, serves once", async () => {
  for (const lifetime of [undefined, 0, 60]) {
    const { source } = counting({ lifetime });
    assert.deepEqual([await source.token(), await source.token()], ["token-1", "token-2"]);
  }
});

test("a failure is told to all who waited, and the next call tries again", async () => {
  let calls = 0;
  const failure = new Error("no");
  const source = new TokenSource({
    request: async () => {
      calls += 1;
      if (calls === 1) throw failure;
      return { accessToken: "token", lifetime: 3600, refreshToken: undefined };
    },
    refreshToken: undefined,
    onRefreshToken: undefined,
    now: () => 0,
  });
  const [one, two] = await Promise.allSettled([source.token(), source.token()]);
  assert.deepEqual(
    [one, two],
    [
      { status: "rejected", reason: failure },
      { status: "rejected", reason: failure },
    ],
  );
  assert.equal(await source.token(), "token");
  assert.equal(calls, 2);
});

test("a new refresh token is told once, and used from then on", async () => {
  const told: string[] = [];
  const { source, asked } = counting({ refreshToken: "refresh-1" }, (token) => void told.push(token));
  await source.token();
  await source.token({ expired: true });
  assert.deepEqual(asked, ["refresh-0", "refresh-1"]);
  assert.deepEqual(told, ["refresh-1"]);
});

test("the same refresh token again is no news", async () => {
  const told: string[] = [];
  const { source } = counting({ refreshToken: "refresh-0" }, (token) => void told.push(token));
  await source.token();
  assert.deepEqual(told, []);
});

test("a refresh token that could not be kept fails the call, and is told again; the access token is not asked for anew", async () => {
  const failure = new Error("disk full");
  const told: string[] = [];
  const { source, asked } = counting({ refreshToken: "refresh-1" }, (token) => {
    told.push(token);
    if (told.length === 1) throw failure;
  });
  await assert.rejects(source.token(), failure);
  assert.equal(await source.token(), "token-1");
  assert.deepEqual(told, ["refresh-1", "refresh-1"]);
  assert.equal(asked.length, 1);
});

test("a token is not given before the new refresh token is kept", async () => {
  const order: string[] = [];
  const { source } = counting({ refreshToken: "refresh-1" }, async () => {
    await Promise.resolve();
    order.push("kept");
  });
  await source.token().then(() => order.push("given"));
  assert.deepEqual(order, ["kept", "given"]);
});
