/**
 * What goes before the next message when the one before left the session in doubt.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, lines, message } from "./session-driver.js";

const OFFERS = ["PIPELINING", "CHUNKING"];
const bdat = (name: string): string =>
  lines(`MAIL FROM:<${name}@s>`, `RCPT TO:<${name}1@r>`, `BDAT ${name.length + 2} LAST`, name);
const group = (name: string): string => lines(`MAIL FROM:<${name}@s>`, `RCPT TO:<${name}1@r>`, "DATA");

test("a refused BDAT is followed by RSET though MAIL was refused: the state is indeterminate (RFC 3030 §2)", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("550 no", "503 no", "503 no"), ["RSET\r\n"]);
  assert.equal(driver.settled.length, 1);
});

test("content does not follow the first RSET of a session before it was accepted", () => {
  const driver = Driver.chunking(OFFERS);
  driver.send(message("k"));
  assert.deepEqual(driver.hear("250 ok", "250 ok", "451 not now"), ["RSET\r\n"]);
  assert.deepEqual(driver.send(message("l")), []);
  assert.deepEqual(driver.hear("250 clean"), [bdat("l")]);
  // From here on RSET is known to work.
  assert.deepEqual(driver.hear("250 ok", "250 ok", "451 not now"), ["RSET\r\n"]);
  assert.deepEqual(driver.send(message("m")), [bdat("m")]);
});

test("a session that refuses RSET carries no content of another message", () => {
  const driver = Driver.ready(OFFERS, { chunking: "untried" });
  driver.send(message("k"), message("l"));
  driver.hear("250 ok", "250 ok");
  driver.hear("451 not now");
  assert.deepEqual(driver.hear("500 what is RSET"), []);
  assert.deepEqual(driver.types.at(-1), "finished");
});

test("by DATA the next group goes with RSET: its content waits for 354 in any case", () => {
  const driver = Driver.ready(["PIPELINING"]);
  driver.send(message("k"), message("l"));
  assert.deepEqual(driver.hear("250 ok", "550 no", "503 no"), [`RSET\r\n${group("l")}`]);
});
