import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { SharedAttempt } from "../../src/connection/connector.js";
import { SmtpTimeoutError } from "../../src/errors/errors.js";

const never = (): Promise<never> => new Promise(() => undefined);

test("each caller gives up by itself; the attempt is told the reason of the last", async () => {
  const reasons: unknown[] = [];
  const attempt = new SharedAttempt(never(), (reason) => reasons.push(reason));
  const [one, other] = [new AbortController(), new AbortController()];
  const first = attempt.join({ signal: one.signal });
  const second = attempt.join({ signal: other.signal });
  one.abort("first");
  await assert.rejects(first, (reason) => reason === "first");
  assert.deepEqual(reasons, []);
  other.abort("second");
  await assert.rejects(second, (reason) => reason === "second");
  assert.deepEqual(reasons, ["second"]);
});

test("a caller's own timeout ends its waiting only", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let resolve: (value: string) => void = () => undefined;
    const result = new Promise<string>((done) => {
      resolve = done;
    });
    const attempt = new SharedAttempt(result, () => assert.fail("somebody still waits"));
    const patient = attempt.join({});
    const hasty = assert.rejects(attempt.join({ timeout: 100 }), (error) => {
      assert.ok(error instanceof SmtpTimeoutError);
      assert.deepEqual([error.phase, error.timeout, error.retry], ["connect", 100, "reconnect"]);
      return true;
    });
    mock.timers.tick(100);
    await hasty;
    resolve("greeting");
    assert.equal(await patient, "greeting");
  } finally {
    mock.timers.reset();
  }
});

test("a result that is there ends all waiting: no later abort or timeout is heard", async () => {
  const controller = new AbortController();
  const attempt = new SharedAttempt(Promise.resolve(1), () => assert.fail("it is over"));
  assert.equal(await attempt.join({ signal: controller.signal, timeout: 5 }), 1);
  controller.abort();
});
