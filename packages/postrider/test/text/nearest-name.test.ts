import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestName } from "../../src/text/characters.js";

const NAMES = ["hostname", "port", "username", "password", "useTls", "startTls", "timeout", "cc"];

test("the nearest name is found over one added, missing, changed or swapped letter", () => {
  assert.equal(nearestName("hostnam", NAMES), "hostname");
  assert.equal(nearestName("hosttname", NAMES), "hostname");
  assert.equal(nearestName("pasword", NAMES), "password");
  assert.equal(nearestName("tiemout", NAMES), "timeout");
  assert.equal(nearestName("prot", NAMES), "port");
});

test("upper and lower case do not count as a difference", () => {
  assert.equal(nearestName("USETLS", NAMES), "useTls");
  assert.equal(nearestName("starttls", NAMES), "startTls");
});

test("a name that is near nothing has no nearest name", () => {
  assert.equal(nearestName("zzzzzz", NAMES), undefined);
  assert.equal(nearestName("", NAMES), undefined);
  assert.equal(nearestName("x", []), undefined);
});

test("a huge name is answered without comparing it", () => {
  assert.equal(nearestName("hostname".repeat(100_000), NAMES), undefined);
});
