import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { pourContent, releaseContent } from "../../src/connection/flow.js";

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array, undefined> {
  for (const text of texts) yield Buffer.from(text);
  return undefined;
}

test("every chunk is handed over in order, and the end is told", async () => {
  const taken: string[] = [];
  const isWhole = await pourContent(chunks("a", "b"), {
    push: (chunk) => taken.push(Buffer.from(chunk).toString()) > 0,
    room: () => undefined,
  });
  assert.equal(isWhole, true);
  assert.deepEqual(taken, ["a", "b"]);
});

test("the next chunk is not read before there is room", async () => {
  const log: string[] = [];
  let makeRoom = (): void => undefined;
  async function* source(): AsyncGenerator<Uint8Array, undefined> {
    for (const text of ["a", "b"]) {
      log.push(`read ${text}`);
      yield Buffer.from(text);
    }
    return undefined;
  }
  const room = new Promise<void>((resolve) => {
    makeRoom = resolve;
  });
  const pouring = pourContent(source(), { push: () => true, room: () => room });
  for (let count = 0; count < 10; count++) await Promise.resolve();
  assert.deepEqual(log, ["read a"]);
  makeRoom();
  assert.equal(await pouring, true);
  assert.deepEqual(log, ["read a", "read b"]);
});

test("a sink that wants no more ends the reading", async () => {
  let count = 0;
  const isWhole = await pourContent(chunks("a", "b", "c"), { push: () => ++count < 2, room: () => undefined });
  assert.equal(isWhole, false);
  assert.equal(count, 2);
});

test("what the source throws is thrown", async () => {
  const cause = new Error("disk");
  const source: AsyncIterator<Uint8Array> = { next: () => Promise.reject(cause) };
  await assert.rejects(pourContent(source, { push: () => true, room: () => undefined }), cause);
});

test("releasing a source never fails, whatever the source makes of it", async () => {
  releaseContent(undefined);
  releaseContent({ next: () => Promise.reject(new Error("x")) });
  releaseContent({ next: () => Promise.reject(new Error("x")), return: () => Promise.reject(new Error("y")) });
  releaseContent({
    next: () => Promise.reject(new Error("x")),
    return: () => {
      throw new Error("at once");
    },
  });
  await Promise.resolve();
});
