/**
 * Servers that do not play by the rules: the error is ours and true, the connection is closed, memory and time are bounded,
 * and the next message goes out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { isSmtpError, send } from "../../src/index.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { testCertificates } from "../support/certificates.js";
import { collectGarbage } from "../support/garbage.js";
import { acceptance, rejection, soon } from "../support/settle.js";
import { HostileServer } from "./hostile-peer.js";
import { type HostileScript, PLAIN_SCRIPTS } from "./hostile-scripts.js";
import { PROXY_ANSWERS, secureScripts } from "./hostile-secure-scripts.js";

/** Long for what is not waited for, short for what is. */
const PATIENCE_MS = 12_000;
const SHORT_MS = 150;
/** What the kernel keeps on both sides of a loopback connection, and what a client may take before it sees what it is. */
const MOST_FLOODED_BYTES = 16 << 20;
/** What a server may cost in memory, its own writes in this process included. */
const MOST_MEMORY_BYTES = 64 << 20;

const DELIVERY = { sender: "ann@a.example", recipients: ["bob@b.example", "cyd@b.example"] } as const;
const CONTENT = `Subject: s\r\n\r\n${"a line of the content\r\n".repeat(2000)}`;

const { ca, server: identity } = await testCertificates();
const SCRIPTS = [...PLAIN_SCRIPTS, ...secureScripts(ca, createSecureContext(identity))];

let worst = 0;
let mostFlooded = 0;

for (const script of SCRIPTS) acceptance(script.name, () => survive(script, (port) => ({ port })));

for (const [name, play] of PROXY_ANSWERS) {
  const script: HostileScript = {
    name,
    play: async (peer) => {
      await peer.until("\u0000");
      await play(peer);
    },
    codes: ["connect", "timeout"],
    isSilent: name === "silence",
  };
  // A request ends with an empty line, at which `until` stops.
  acceptance(`a proxy that answers with ${name}`, () =>
    survive(script, (port) => ({ hostname: "server.example", port: 25, proxy: `http://127.0.0.1:${port}` })),
  );
}

async function survive(script: HostileScript, address: (port: number) => ConnectionOptions): Promise<void> {
  await using server = await HostileServer.start(script.play);
  const limits = { timeout: script.isSilent === true ? SHORT_MS : PATIENCE_MS };
  const options: ConnectionOptions = {
    hostname: "127.0.0.1",
    startTls: false,
    localHostname: "client.example",
    ...limits,
    deliveryTimeout: limits.timeout,
    ...address(server.port),
    ...script.options,
    ...(script.options?.useTls === true ? { startTls: undefined } : {}),
  };
  const before = memory();
  const error = await rejection(send(CONTENT, { ...options, ...DELIVERY }));
  worst = Math.max(worst, memory() - before);
  const { peer } = server;
  mostFlooded = Math.max(mostFlooded, peer.flooded);
  assert.ok(isSmtpError(error), `${error.name}: ${error.message}`);
  assert.ok(script.codes.includes(error.code), `${error.name} (${error.code}): ${error.message}`);
  const { outcome = "not-sent" } = script;
  if (outcome !== "either") assert.equal(error.outcome, outcome, error.message);
  assert.ok(error.message.length < 2000, "the message is bounded");
  assert.ok(JSON.stringify(error).length < 2_500_000, "the error is bounded");
  peer.hear();
  await soon(peer.left, "the server sees the socket end");
  assert.ok(peer.flooded <= MOST_FLOODED_BYTES, `${peer.flooded} bytes of a flood were taken`);
  // Garbage is no cost: how much of it lies about is up to the collector, and the server writes in this process too.
  if (memory() - before >= MOST_MEMORY_BYTES) collectGarbage();
  assert.ok(memory() - before < MOST_MEMORY_BYTES, `${memory() - before} bytes of memory`);
  const next = await send(CONTENT, {
    hostname: "127.0.0.1",
    port: server.port,
    startTls: false,
    localHostname: "client.example",
    ...DELIVERY,
  });
  assert.equal(next.accepted.length, DELIVERY.recipients.length, "the next send works");
  assert.equal(server.machines.flatMap((machine) => machine.committed).length, 1);
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("the figures", (context) => {
  const megabytes = (bytes: number): string => (bytes / (1 << 20)).toFixed(1);
  context.diagnostic(
    `${SCRIPTS.length + PROXY_ANSWERS.length} hostile servers; at most ${megabytes(worst)} MB of memory and ${megabytes(mostFlooded)} MB of a flood taken`,
  );
});
