import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../src/errors/errors.js";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import { mailParameters } from "../../src/submission/envelope.js";

const parameters = (options: DeliveryOptions): readonly string[] => mailParameters(deliveryOptions(options));

test("no option, no parameter", () => {
  assert.deepEqual(parameters({}), []);
});

test("each delivery option is the parameter of its RFC", () => {
  assert.deepEqual(parameters({ requireTls: true }), ["REQUIRETLS"]);
  assert.deepEqual(parameters({ requireTls: false }), []);
  assert.deepEqual(parameters({ deliverBy: { seconds: 120, mode: "return" } }), ["BY=120;R"]);
  assert.deepEqual(parameters({ deliverBy: { seconds: -5, mode: "notify", trace: true } }), ["BY=-5;NT"]);
  assert.deepEqual(parameters({ holdFor: 3600 }), ["HOLDFOR=3600"]);
  assert.deepEqual(parameters({ holdUntil: new Date("2027-01-02T03:04:05.678Z") }), ["HOLDUNTIL=2027-01-02T03:04:05Z"]);
  assert.deepEqual(parameters({ priority: -9 }), ["MT-PRIORITY=-9"]);
  assert.deepEqual(parameters({ priority: 0 }), ["MT-PRIORITY=0"]);
  assert.deepEqual(parameters({ dsn: { return: "headers", envelopeId: "a b+c" } }), ["RET=HDRS", "ENVID=a+20b+2Bc"]);
});

test("the caller's own parameters come first", () => {
  assert.deepEqual(parameters({ mailOptions: ["X=1"], priority: 3 }), ["X=1", "MT-PRIORITY=3"]);
});

for (const [what, options] of [
  ["a priority beyond 9", { priority: 10 }],
  ["a priority that is no whole number", { priority: 1.5 }],
  ["a hold of nothing", { holdFor: 0 }],
  ["a hold until no date", { holdUntil: new Date(Number.NaN) }],
  ["two holds", { holdFor: 1, holdUntil: new Date() }],
  ["a return before now", { deliverBy: { seconds: 0, mode: "return" } }],
  ["a limit without a mode", { deliverBy: { seconds: 5 } }],
  ["a limit of an unknown mode", { deliverBy: { seconds: 5, mode: "bounce" } }],
  ["requireTls that is no boolean", { requireTls: "yes" }],
] as const) {
  test(`${what} is an option error`, () => {
    assert.throws(() => parameters(options as DeliveryOptions), OptionError);
  });
}
