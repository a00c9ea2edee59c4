/**
 * When connections of one pool move: together, but for one that is alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Batcher } from "../../src/connection/settings.js";
import { SmtpPool } from "../../src/index.js";
import { gate } from "../pool/gate.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { all, close } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance } from "../support/settle.js";

function testBatcher() {
  const ends: (() => void)[] = [];
  const moved: string[] = [];
  const batcher = new Batcher((end) => ends.push(end));
  return { batcher, moved, ends, take: (name: string) => batcher.take(() => moved.push(name)) };
}

const FOREVER = new Promise<void>(() => undefined);

test("a connection that is alone moves at once", () => {
  const { batcher, moved, ends, take } = testBatcher();
  batcher.join(FOREVER);
  take("a");
  assert.deepEqual([moved, ends.length], [["a"], 0]);
});

test("several move at the end of the turn, in the order in which they heard something", () => {
  const { batcher, moved, ends, take } = testBatcher();
  batcher.join(FOREVER);
  batcher.join(FOREVER);
  take("b");
  take("a");
  assert.deepEqual([moved, ends.length], [[], 1]);
  ends[0]?.();
  assert.deepEqual(moved, ["b", "a"]);
  take("a");
  assert.equal(ends.length, 2);
});

test("one whose fellows have ended is alone", async () => {
  const { batcher, moved, take } = testBatcher();
  batcher.join(FOREVER);
  const ended = Promise.resolve();
  batcher.join(ended);
  await ended;
  take("a");
  assert.deepEqual(moved, ["a"]);
});

acceptance(
  "a reply that comes in one piece with the end of its connection is heard, beside another connection",
  async () => {
    const held = gate();
    let contents = 0;
    await using server = await ScriptedServer.start({
      replies: {
        CONTENT: () =>
          contents++ === 0 ? held.opened.then(() => "250 2.0.0 held") : all("250 2.0.0 last words", close),
      },
    });
    await using pool = new SmtpPool({ ...plain(server), maxConnections: 2 });
    const first = pool.send(TEXT, ENVELOPE);
    await (await server.connection(0)).saw("CONTENT");
    const second = await pool.send(TEXT, ENVELOPE);
    assert.equal(second.reply.message, "2.0.0 last words");
    held.open();
    await first;
  },
);
