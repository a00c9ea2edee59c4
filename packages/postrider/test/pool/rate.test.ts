/**
 * The rate of a pool: what is handed to servers in any window of time.
 */
import assert from "node:assert/strict";
import { type ConnectionOptions, SmtpPool } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance } from "../support/settle.js";
import { gate } from "./gate.js";

/** When each MAIL was handed to the socket. A trace is called in the same turn, so what it sees is exact. */
function watched(handed: number[]): Pick<ConnectionOptions, "trace"> {
  return {
    trace: (event) => {
      if (event.type === "client" && event.line.startsWith("MAIL")) handed.push(performance.now());
    },
  };
}

function checkWindows(handed: readonly number[], messages: number, per: number): void {
  handed.forEach((time, index) => {
    const later = handed[index + messages];
    if (later !== undefined) assert.ok(later - time >= per, handed.map(Math.round).join(" "));
  });
}

for (const extensions of [[], ["PIPELINING"], ["PIPELINING", "CHUNKING"]]) {
  acceptance(
    `no window holds more than the rate, over all connections (${extensions.join(" ") || "plain"})`,
    async () => {
      const handed: number[] = [];
      await using server = await ScriptedServer.start({ extensions });
      const rateLimit = { messages: 3, per: 60 };
      await using pool = new SmtpPool({ ...plain(server), ...watched(handed), maxConnections: 3, rateLimit });
      await Promise.all(Array.from({ length: 11 }, () => pool.send(TEXT, ENVELOPE)));
      assert.equal(handed.length, 11);
      checkWindows(handed, rateLimit.messages, rateLimit.per);
    },
  );
}

acceptance("messages that wait behind a slow one are counted when they go out", async () => {
  const held = gate();
  const handed: number[] = [];
  await using server = await ScriptedServer.start({
    extensions: ["PIPELINING"],
    replies: { DATA: () => held.opened.then(() => "354 go") },
  });
  const rateLimit = { messages: 3, per: 50 };
  await using pool = new SmtpPool({ ...plain(server), ...watched(handed), maxConnections: 1, rateLimit });
  const sends = Array.from({ length: 5 }, () => pool.send(TEXT, ENVELOPE));
  await (await server.connection()).saw("DATA");
  assert.equal(handed.length, 1);
  // Longer than a window, so that places counted too early would be free again.
  await new Promise((resolve) => setTimeout(resolve, 60));
  held.open();
  await Promise.all(sends);
  assert.equal(handed.length, 5);
  checkWindows(handed, rateLimit.messages, rateLimit.per);
});

acceptance("a message whose connection is renewed waits for a place that another took meanwhile", async () => {
  const held = gate();
  const handed: number[] = [];
  let greetings = 0;
  let mails = 0;
  await using server = await ScriptedServer.start({
    replies: {
      GREETING: () => (greetings++ === 1 ? held.opened.then(() => "220 hi") : "220 hi"),
      MAIL: () => (mails++ === 1 ? "452 4.5.3 enough" : "250 OK"),
    },
  });
  const rateLimit = { messages: 3, per: 200 };
  await using pool = new SmtpPool({ ...plain(server), ...watched(handed), maxConnections: 2, rateLimit });
  await pool.send(TEXT, ENVELOPE);
  const renewed = pool.send(TEXT, ENVELOPE);
  await server.connection(1);
  // Enough for a connection of their own.
  const others = Array.from({ length: 4 }, () => pool.send(TEXT, ENVELOPE));
  await others[0];
  held.open();
  await Promise.all([renewed, ...others]);
  assert.equal(handed.length, 7);
  checkWindows(handed, rateLimit.messages, rateLimit.per);
});
