import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MessageError } from "../../../src/errors/errors.js";
import { TemporaryFile } from "../../../src/message/files/temporary-file.js";

const folder = mkdtempSync(join(tmpdir(), "postrider-test-"));
after(() => rmSync(folder, { recursive: true }));

async function readAll(file: TemporaryFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Bytes of which no two stretches are alike. */
function sample(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 2654435761) >>> 13));
}

test("what is written is read back, in memory, at the border and beyond it", async () => {
  for (const length of [0, 1, 65_536, 1_048_575, 1_048_576, 1_048_577, 3_000_000]) {
    const bytes = sample(length);
    const file = new TemporaryFile(folder);
    for (let offset = 0; offset < length; offset += 70_001) await file.write(bytes.subarray(offset, offset + 70_001));
    assert.ok(bytes.equals(await readAll(file)), String(length));
    await file.close();
  }
});

test("a chunk that its owner uses again is kept as it was", async () => {
  const file = new TemporaryFile(folder);
  const chunk = Buffer.from("one");
  await file.write(chunk);
  chunk.write("two");
  await file.write(chunk);
  assert.equal((await readAll(file)).toString(), "onetwo");
  await file.close();
});

test("nothing is left in the folder, neither while the file is used nor after it", async () => {
  const file = new TemporaryFile(folder);
  await file.write(sample(2_000_000));
  if (process.platform !== "win32") assert.deepEqual(readdirSync(folder), []);
  await file.close();
  await file.close();
  assert.deepEqual(readdirSync(folder), []);
});

test("a small one opens no file", async () => {
  const file = new TemporaryFile(join(folder, "missing"));
  await file.write(sample(1_000_000));
  assert.equal((await readAll(file)).length, 1_000_000);
  await file.close();
});

test("a folder that cannot take the file is a MessageError", async () => {
  const file = new TemporaryFile(join(folder, "missing"));
  await assert.rejects(
    file.write(sample(2_000_000)),
    (error) => error instanceof MessageError && /cannot be kept in a temporary file: .*ENOENT/.test(error.message),
  );
  await file.close();
});

test("closed in the middle, reading fails in place of ending early", async () => {
  const file = new TemporaryFile(folder);
  await file.write(sample(3_000_000));
  const reading = file.read();
  await reading.next();
  await file.close();
  await assert.rejects(reading.next(), MessageError);
  const small = new TemporaryFile(folder);
  await small.write(sample(10));
  await small.close();
  await assert.rejects(small.read().next(), MessageError);
});
