import assert from "node:assert/strict";
import { test } from "node:test";
import { Driver, message } from "./session-driver.js";

test("a greeting of 421 is told, and is the end", () => {
  const driver = new Driver();
  driver.hear("421 too busy");
  assert.deepEqual(driver.types, ["greeting", "goodbye"]);
  assert.equal(driver.session.state, "closed");
});

test("a session that refuses to be cleaned writes nothing more and says so", () => {
  const driver = Driver.ready();
  driver.send(message("k"), message("l"));
  driver.hear("250 ok");
  driver.hear("550 no");
  assert.deepEqual(driver.hear("500 RSET?"), []);
  assert.equal(driver.session.state, "closing");
  assert.deepEqual(driver.events.at(-1), { type: "finished", after: "reset" });
});

test("a reply that nothing asked for ends the session", () => {
  for (const stale of [["250 stale"], ["250-stale", "250 stale"]]) {
    const driver = Driver.ready();
    driver.hear(...stale);
    assert.equal(driver.fault?.kind, "protocol");
    assert.match(driver.fault?.excerpt ?? "", /^250 stale/);
    assert.equal(driver.session.state, "closed");
    driver.command("NOOP");
    assert.deepEqual(driver.write(), []);
  }
});

test("the start of a reply that nothing asked for is never finished into the answer of the next command", () => {
  for (const [before, after] of [
    ["250 st", "ale\r\n"],
    ["250-stale\r\n", "250 stale\r\n"],
    ["2", "50 stale\r\n"],
  ] as const) {
    const driver = Driver.ready();
    driver.hearBytes(before);
    driver.command("NOOP");
    assert.deepEqual(driver.write(), [], JSON.stringify(before));
    driver.hearBytes(after);
    assert.equal(driver.session.state, "closed");
    assert.equal(driver.fault?.kind, "protocol");
    assert.deepEqual(
      driver.types.filter((type) => type === "reply"),
      [],
    );
  }
});

test("a 421 in two segments while idle keeps its text", () => {
  const driver = Driver.ready();
  driver.hearBytes("421 go");
  driver.hearBytes("od night\r\n");
  assert.deepEqual(driver.types, ["goodbye"]);
  assert.equal(driver.session.lastReply?.message, "good night");
});

test("an extra reply behind a wanted one ends the session after the wanted one counted", () => {
  const driver = Driver.ready();
  driver.command("NOOP");
  driver.write();
  driver.hear("250 mine", "250 whose");
  assert.deepEqual(driver.types, ["reply", "fault"]);
});

test("bytes that are no reply are a fault with their start", () => {
  for (const [text, problem] of [
    ["ERROR\r\n", /not an SMTP reply/],
    ["250-foo\r\n550 bar\r\n", /changed the code/],
    [`250 ${"x".repeat(9000)}`, /line that does not end/],
    ["250-x\r\n".repeat(129), /reply that does not end/],
  ] as const) {
    const driver = Driver.ready();
    driver.command("NOOP");
    driver.write();
    driver.hearBytes(text);
    assert.match(driver.fault?.problem ?? "", problem);
    assert.equal(driver.session.state, "closed");
    assert.deepEqual(driver.hear("250 late"), []);
    assert.equal(driver.events.length, 1);
  }
});

test("421 ends the session wherever it comes, after the reply was counted", () => {
  for (const [count, step] of [
    [0, "MAIL"],
    [1, "RCPT"],
    [2, "DATA"],
    [3, "content"],
  ] as const) {
    const driver = Driver.ready();
    driver.send(message("k"));
    for (const reply of ["250 ok", "250 ok", "354 go"].slice(0, count)) driver.hear(reply);
    driver.hear("421 good night");
    assert.deepEqual(driver.types, ["settled", "goodbye"], step);
    assert.equal(driver.session.state, "closed");
  }
});

test("421 while idle is a goodbye, not a fault", () => {
  const driver = Driver.ready();
  driver.hear("421 idle too long");
  assert.deepEqual(driver.types, ["goodbye"]);
});

test("an intermediate reply to the content is a fault", () => {
  const driver = Driver.ready();
  driver.send(message("k"));
  for (const reply of ["250 ok", "250 ok", "354 go", "354 again"]) driver.hear(reply);
  assert.deepEqual(driver.types, ["fault"]);
});

test("a closed session takes and gives nothing", () => {
  const driver = Driver.ready();
  driver.send(message("k"));
  driver.session.end();
  assert.deepEqual(driver.hear("250 ok"), []);
  assert.deepEqual(driver.types, []);
});
