import assert from "node:assert/strict";
import { test } from "node:test";
import { sayHello } from "../../src/connection/commands.js";
import { SmtpHelloError } from "../../src/errors/errors.js";
import { makeReply } from "../../src/wire/reply.js";

async function greet(isLmtp: boolean, ...codes: readonly number[]): Promise<{ said: string[]; error: unknown }> {
  const said: string[] = [];
  const left = [...codes];
  const error = await sayHello("me.example", isLmtp, async (verb, line) => {
    assert.ok(line.startsWith(verb));
    said.push(line);
    return makeReply(left.shift() ?? 250, [verb]);
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { said, error };
}

test("EHLO that is accepted is all that is said", async () => {
  assert.deepEqual(await greet(false, 250), { said: ["EHLO me.example"], error: undefined });
  assert.deepEqual(await greet(true, 250), { said: ["LHLO me.example"], error: undefined });
});

test("HELO is tried when EHLO is refused for good", async () => {
  for (const code of [500, 502, 550]) {
    assert.deepEqual(await greet(false, code, 250), { said: ["EHLO me.example", "HELO me.example"], error: undefined });
  }
});

test("a refusal for now is told at once: HELO would hide it", async () => {
  const { said, error } = await greet(false, 451);
  assert.deepEqual(said, ["EHLO me.example"]);
  assert.ok(error instanceof SmtpHelloError);
  assert.deepEqual([error.reply.code, error.command, error.retry], [451, "EHLO", "later"]);
});

test("LMTP has no older greeting to fall back to", async () => {
  const { said, error } = await greet(true, 500);
  assert.deepEqual(said, ["LHLO me.example"]);
  assert.ok(error instanceof SmtpHelloError);
});

test("both refused is an error", async () => {
  const { error } = await greet(false, 500, 504);
  assert.ok(error instanceof SmtpHelloError);
  assert.ok([500, 504].includes(error.reply.code));
});
