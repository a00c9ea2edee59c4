import assert from "node:assert/strict";
import { test } from "node:test";
import { DurableLines } from "../../../src/bulk/journal/durable-lines.js";

/** A file that is written when the test says so. */
class SlowFile {
  readonly written: string[] = [];
  syncs = 0;
  closed = false;
  failure: Error | undefined;
  #release: (() => void)[] = [];

  async appendFile(text: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.written.push(text);
  }

  datasync(): Promise<void> {
    this.syncs += 1;
    return new Promise((resolve) => this.#release.push(resolve));
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  sync(): void {
    for (const release of this.#release.splice(0)) release();
  }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test("a line is done when the disk has it; those that come meanwhile share the next promise of the disk", async () => {
  const file = new SlowFile();
  const lines = new DurableLines(file as never);
  const done: string[] = [];
  const append = (text: string) => lines.append(text).then(() => done.push(text));
  void append("a");
  await turns();
  void append("b");
  void append("c");
  await turns();
  assert.deepEqual([file.written, done, file.syncs], [["a\n"], [], 1]);
  file.sync();
  await turns();
  assert.deepEqual([file.written, done, file.syncs], [["a\n", "b\nc\n"], ["a"], 2]);
  file.sync();
  await turns();
  assert.deepEqual(done, ["a", "b", "c"]);
  // One that comes when all was quiet is written as well.
  void append("d");
  await turns();
  file.sync();
  await lines.close();
  assert.deepEqual(done, ["a", "b", "c", "d"]);
  assert.ok(file.closed);
});

test("after a failure nothing more is taken: what follows half a line could not be read", async () => {
  const file = new SlowFile();
  const lines = new DurableLines(file as never);
  file.failure = new Error("disk full");
  await assert.rejects(lines.append("a"), /disk full/);
  file.failure = undefined;
  await assert.rejects(lines.append("b"), /disk full/);
  assert.deepEqual(file.written, []);
});
