import assert from "node:assert/strict";
import { test } from "node:test";
import { Answer } from "../../src/client/answer.js";

function testAnswer() {
  const heard: string[] = [];
  const answer = new Answer<string>(
    (value) => heard.push(`value ${value}`),
    (error) => heard.push(`error ${String(error)}`),
  );
  return { answer, heard };
}

test("an answer is given once, whatever comes later", () => {
  for (const first of ["resolve", "reject"] as const) {
    const { answer, heard } = testAnswer();
    assert.equal(answer.isGiven, false);
    answer[first]("a");
    answer.resolve("b");
    answer.reject("c");
    assert.deepEqual(heard, [first === "resolve" ? "value a" : "error a"]);
    assert.equal(answer.isGiven, true);
  }
});

test("what listens for an abort is let go, once", () => {
  const { answer, heard } = testAnswer();
  answer.release = () => heard.push("released");
  answer.reject("a");
  answer.reject("b");
  assert.deepEqual(heard, ["released", "error a"]);
});
