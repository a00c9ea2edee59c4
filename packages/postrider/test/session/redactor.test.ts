import assert from "node:assert/strict";
import { test } from "node:test";
import { Redactor } from "../../src/session/redactor.js";
import { makeReply } from "../../src/wire/reply.js";
import { fc } from "../support/property.js";

test("nothing is hidden before something is secret, and the reply is the same object", () => {
  const redactor = new Redactor();
  const reply = makeReply(535, ["5.7.8 no"]);
  assert.equal(redactor.reply(reply), reply);
  redactor.hide("tanstaaf", undefined);
  assert.equal(redactor.reply(reply), reply);
});

test("a secret and its base64 are hidden wherever they stand, all of them", () => {
  const redactor = new Redactor();
  redactor.hide("tanstaaf");
  const base64 = Buffer.from("tanstaaf").toString("base64");
  const reply = redactor.reply(makeReply(535, ["5.7.8 tanstaaf is wrong, tanstaaf", `you said ${base64}`]));
  assert.deepEqual(reply.lines, ["5.7.8 *** is wrong, ***", "you said ***"]);
  assert.equal(reply.message, "5.7.8 *** is wrong, ***\nyou said ***");
  assert.equal(reply.code, 535);
  assert.equal(reply.enhancedCode, "5.7.8");
});

test("a secret that holds another is hidden whole", () => {
  const redactor = new Redactor();
  redactor.hide("tans");
  redactor.hide("tanstaaf-and-more");
  assert.equal(redactor.line("tanstaaf-and-more, tans"), "***, ***");
});

test("what is too short to be told from any text stays, its base64 does not", () => {
  const redactor = new Redactor();
  redactor.hide("a", "");
  assert.equal(redactor.line("a bad day YQ== "), "a bad day *** ");
});

test("property: no line shows a secret, whatever stands around it", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const secret = fc
    .string({ unit: "grapheme", minLength: 4, maxLength: 30 })
    .filter((one) => !"***".includes(one) && !one.includes("*"));
  fc.assert(
    fc.property(text, secret, text, (before, hidden, after) => {
      const redactor = new Redactor();
      redactor.hide(hidden);
      assert.ok(!redactor.line(`${before}${hidden}${after}`).includes(hidden));
    }),
  );
});

test("of a text that was cut inside a secret not even the start is shown", () => {
  const redactor = new Redactor();
  redactor.hide("tanstaaf");
  for (let length = 1; length <= 8; length++) {
    const shown = redactor.excerpt(`you said ${"tanstaaf".slice(0, length)}`);
    assert.equal(shown, "you said ***");
  }
  assert.equal(redactor.excerpt("you said nothing"), "you said nothing");
});

test("of a response the whole in base64, its proof and its digest are hidden, the name of the user is not", () => {
  const redactor = new Redactor();
  const response = Buffer.from("n,a=tim,\u0001tim b913a602c7eda7a495b4e6e7334d3890,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  redactor.hideResponse(response, "tim");
  assert.equal(redactor.line(`${response.toString("base64")} of tim`), "*** of tim");
  assert.equal(redactor.line("b913a602c7eda7a495b4e6e7334d3890"), "***");
  assert.equal(redactor.line("p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="), "***");
});

test("a secret of any length is hidden: no engine's limit on patterns applies", () => {
  const redactor = new Redactor();
  const secret = "(".repeat(2 ** 20);
  redactor.hide(secret);
  assert.deepEqual(redactor.reply(makeReply(535, [`no ${secret}`])).lines, ["no ***"]);
});
