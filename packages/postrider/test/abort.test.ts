import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { onAbort } from "../src/given/abort.js";

test("however many share a signal, it has one listener, and all of them hear it in their order", () => {
  const controller = new AbortController();
  const heard: number[] = [];
  for (let index = 0; index < 1000; index++) onAbort(controller.signal, () => heard.push(index));
  assert.equal(getEventListeners(controller.signal, "abort").length, 1);
  controller.abort();
  assert.deepEqual(
    heard,
    Array.from({ length: 1000 }, (_, index) => index),
  );
});

test("what was taken back is not run, and the last one takes the listener with it", () => {
  const { signal } = new AbortController();
  const never = (): void => assert.fail("taken back");
  const leave = [onAbort(signal, never), onAbort(signal, never)];
  leave[0]?.();
  assert.equal(getEventListeners(signal, "abort").length, 1);
  leave[1]?.();
  leave[1]?.();
  assert.equal(getEventListeners(signal, "abort").length, 0);
  const again = onAbort(signal, never);
  assert.equal(getEventListeners(signal, "abort").length, 1);
  again();
});

test("one may be taken back while others run", () => {
  const controller = new AbortController();
  const heard: string[] = [];
  onAbort(controller.signal, () => {
    heard.push("first");
    leave();
  });
  const leave = onAbort(controller.signal, () => heard.push("second"));
  controller.abort();
  assert.deepEqual(heard, ["first"]);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});
