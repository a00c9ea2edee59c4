/**
 * Every dialogue of the folder beside, replayed whole, per line, per byte and at random cuts: the client writes the same
 * bytes, and the outcome is the same.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { SmtpClient, SmtpError, SmtpRecipientsRefusedError, SmtpReplyError } from "../../src/index.js";
import {
  type Dialogue,
  type DialogueSend,
  DialogueServer,
  packageFolder,
  randomCuts,
  readDialogue,
} from "../support/dialogue.js";
import type { Segments } from "../support/script.js";
import { acceptance, soon } from "../support/settle.js";

const FOLDER = join(packageFolder(), "test/acceptance/dialogues");
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

const WAYS: readonly (readonly [string, Segments])[] = [
  ["whole", "whole"],
  ["per line", "line"],
  ["per byte", "byte"],
  ...SEEDS.map((seed) => [`cut at random (seed ${seed})`, randomCuts(seed)] as const),
];

for (const name of readdirSync(FOLDER).filter((one) => one.endsWith(".txt"))) {
  const dialogue = readDialogue(FOLDER, name);
  for (const [way, segments] of WAYS) {
    acceptance(`dialogue ${name.slice(0, -4)}, ${way}`, () => replay(dialogue, segments));
  }
}

async function replay(dialogue: Dialogue, segments: Segments): Promise<void> {
  await using server = await DialogueServer.start(dialogue, segments);
  const outcomes = await session(dialogue, server.port);
  await soon(server.over, "the client leaves");
  const client = dialogue.turns.filter(({ side }) => side === "C");
  assert.equal(server.received.toString(), client.map(({ text }) => text).join(""));
  let end = 0;
  const ends = new Set(server.writeEnds);
  for (const write of client.flatMap(({ writes }) => writes)) {
    const start = end;
    end += Buffer.byteLength(write);
    const inside = [...ends].filter((place) => place > start && place < end);
    assert.deepEqual(inside, [], `one write: ${JSON.stringify(write)}`);
  }
  for (const [rank, { result }] of dialogue.sends.entries()) {
    const outcome = outcomes[rank] ?? {};
    const named = Object.fromEntries(Object.keys(result).map((key) => [key, outcome[key]]));
    assert.deepEqual(named, result);
    assert.ok(Object.keys(result).length > 0, "a dialogue says what comes of it");
  }
}

/** Connects, sends everything at once, and quits where the connection still stands. */
async function session(dialogue: Dialogue, port: number): Promise<Record<string, unknown>[]> {
  const client = new SmtpClient({
    hostname: "127.0.0.1",
    port,
    startTls: false,
    localHostname: "client.example",
    timeout: 5000,
    ...dialogue.options,
  });
  const connecting = client.connect();
  // Without a connection each send has the same outcome as the connect.
  const failed = await connecting.then(
    () => undefined,
    (error: unknown) => describeError(error),
  );
  if (failed !== undefined) return dialogue.sends.map(() => failed);
  const outcomes = await Promise.all(dialogue.sends.map((one) => describe(client, one)));
  if (client.isConnected) await client.quit();
  return outcomes;
}

const describe = (client: SmtpClient, { content, delivery }: DialogueSend): Promise<Record<string, unknown>> =>
  client.send(content, delivery).then(
    ({ accepted, refused, reply }) => ({
      accepted: [...accepted],
      refused: refused.map((one) => `${one.recipient} ${one.reply.code} ${one.reply.message}`).sort(),
      reply: `${reply.code} ${reply.message}`,
      enhancedCode: reply.enhancedCode,
    }),
    describeError,
  );

function describeError(error: unknown): Record<string, unknown> {
  assert.ok(error instanceof SmtpError, String(error));
  const facts = { error: error.name, outcome: error.outcome, retry: error.retry, phase: error.phase };
  if (error instanceof SmtpReplyError) return { ...facts, reply: `${error.reply.code} ${error.reply.message}` };
  if (!(error instanceof SmtpRecipientsRefusedError)) return facts;
  return { ...facts, refused: error.refused.map((one) => `${one.recipient} ${one.reply.code} ${one.reply.message}`) };
}
