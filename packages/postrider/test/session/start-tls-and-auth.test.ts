import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver } from "./session-driver.js";

test("STARTTLS: after its 220 nothing is written, and what was known is forgotten after the handshake", () => {
  const driver = Driver.ready(["STARTTLS", "AUTH PLAIN"]);
  driver.command("STARTTLS");
  driver.command("NOOP");
  driver.write();
  assert.deepEqual(driver.hear("220 go ahead"), []);
  assert.equal(driver.session.state, "securing");
  assert.equal(driver.fault, undefined);
  driver.session.secured();
  assert.equal(driver.session.state, "greeted");
  assert.equal(driver.session.capabilities, undefined);
});

test("STARTTLS refused leaves the session as it was", () => {
  const driver = Driver.ready(["STARTTLS"]);
  driver.command("STARTTLS");
  driver.write();
  driver.hear("454 not now");
  assert.equal(driver.session.state, "ready");
  assert.equal(driver.session.capabilities?.extensions.has("STARTTLS"), true);
});

test("bytes between the 220 to STARTTLS and the handshake are an injection, in any segments", () => {
  const injected = "250-x\r\n250 AUTH PLAIN\r\n";
  for (const segments of [
    [`220 ok\r\n${injected}`],
    ["220 ok\r\n", injected],
    ["220 ok\r\n2"],
    ["220 o", "k\r\n\r\n"],
    ["220 ok\r\n", "\n"],
  ]) {
    const driver = Driver.ready(["STARTTLS"]);
    driver.command("STARTTLS");
    driver.write();
    for (const segment of segments) driver.hearBytes(segment);
    assert.equal(driver.fault?.kind, "injection", JSON.stringify(segments));
    assert.equal(driver.session.state, "closed");
  }
});

test("an injection behind STARTTLS is one also while an envelope is open", () => {
  const driver = Driver.ready(["STARTTLS"]);
  driver.command("MAIL", "MAIL FROM:<x@y>");
  driver.write();
  driver.hear("250 ok");
  driver.command("STARTTLS");
  driver.write();
  driver.hearBytes("220 ok\r\n250 x");
  assert.equal(driver.fault?.kind, "injection");
});

test("AUTH: a challenge holds everything back until it is answered", () => {
  const driver = Driver.ready(["AUTH LOGIN"]);
  const work = driver.command("AUTH", "AUTH LOGIN");
  driver.command("NOOP");
  driver.write();
  assert.deepEqual(driver.hear("334 VXNlcg=="), []);
  assert.equal(driver.session.state, "authenticating");
  driver.session.respond(work, "dXNlcg==", "***");
  assert.deepEqual(driver.write(), ["dXNlcg==\r\n"]);
  assert.deepEqual(driver.hear("334 UGFzcw=="), []);
  driver.session.respond(work, "cGFzcw==", "***");
  assert.deepEqual(driver.write(), ["cGFzcw==\r\n"]);
  assert.deepEqual(driver.hear("235 welcome"), ["NOOP\r\n"]);
  assert.deepEqual(driver.types, ["reply", "reply", "reply"]);
});

test("AUTH refused, at once or after a challenge, leaves the session ready", () => {
  for (const replies of [["535 no"], ["334 eA==", "535 no"]]) {
    const driver = Driver.ready(["AUTH LOGIN"]);
    const work = driver.command("AUTH", "AUTH LOGIN");
    driver.write();
    for (const reply of replies) {
      driver.session.respond(work, "x", "***");
      driver.write();
      driver.hear(reply);
    }
    assert.equal(driver.session.state, "ready");
  }
});

test("an answer without a challenge is not written", () => {
  const driver = Driver.ready();
  const work = driver.command("AUTH", "AUTH PLAIN");
  driver.session.respond(work, "secret", "***");
  assert.deepEqual(driver.write(), ["AUTH PLAIN\r\n"]);
});

test("a challenge where none may come ends the session: its answer could never be written", () => {
  const driver = Driver.ready(["AUTH LOGIN"]);
  driver.command("MAIL", "MAIL FROM:<x@y>");
  driver.write();
  driver.hear("250 ok");
  driver.command("AUTH", "AUTH LOGIN");
  driver.write();
  driver.hear("334 VXNlcg==");
  assert.equal(driver.fault?.kind, "protocol");
  assert.equal(driver.session.state, "closed");
});
