/**
 * A server that drips: the time for a reply is bounded, in virtual time, however it is spread.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type AnySmtpError, isSmtpError, send } from "../../src/index.js";
import { VirtualClock } from "../model/virtual-clock.js";
import { Link } from "./link.js";

const TIMEOUT_MS = 60_000;
/** Well before the timeout, again and again. */
const DRIP_MS = 20_000;
const MOST_JUMPS = 2000;

/** Sends to a server that says these pieces, one every twenty seconds; when and how that ended. */
async function dripped(pieces: readonly string[]): Promise<{ readonly elapsed: number; readonly error: AnySmtpError }> {
  using clock = new VirtualClock();
  const link = new Link(undefined);
  link.server.on("data", () => undefined).on("error", () => undefined);
  const say = (at: number): void => {
    if (link.client.destroyed) return;
    link.server.write(Buffer.from(pieces[at % pieces.length] ?? ""));
    setTimeout(() => say(at + 1), DRIP_MS);
  };
  setTimeout(() => say(0), DRIP_MS);
  const ended: unknown[] = [];
  const delivery = { sender: "ann@a.example", recipients: "bob@b.example", timeout: TIMEOUT_MS, startTls: false };
  send("Subject: s\r\n\r\nt\r\n", { ...delivery, socket: () => link.client }).then(
    () => ended.push(undefined),
    (error: unknown) => ended.push(error),
  );
  for (let jump = 0; ended.length === 0 && jump < MOST_JUMPS; jump++) {
    for (let turns = 0; turns < 8; turns++) await turn();
    if (ended.length === 0) clock.jump();
  }
  const [error] = ended;
  assert.ok(isSmtpError(error), `it does not end: ${String(error)}`);
  return { elapsed: clock.now, error };
}

test("a byte is no progress: a line that is dripped is late when its time is over", async () => {
  const { elapsed, error } = await dripped(["2", "2", "0", "-", "x"]);
  assert.equal(error.code, "timeout");
  assert.equal(elapsed, TIMEOUT_MS);
});

test("a line is progress, and a reply has a bounded number of them", async () => {
  const { elapsed, error } = await dripped(["220-wait\r\n"]);
  assert.equal(error.code, "protocol");
  assert.ok(elapsed <= 130 * DRIP_MS, `${elapsed} ms`);
});
