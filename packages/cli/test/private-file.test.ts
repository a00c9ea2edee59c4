import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkPlace, writePrivate } from "../src/private-file.js";
import { folder } from "./support/command.js";
import { onPosix } from "./support/system.js";

test("what is written is for its owner alone, also where a file was that others could read", onPosix, async (t) => {
  const file = join(folder(t), "report.html");
  await checkPlace("the report", file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(file, 0o644);
  await writePrivate("the report", file, "new");
  assert.equal(readFileSync(file, "utf8"), "new");
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a symbolic link is refused, and what it leads to stays as it was", async (t) => {
  const target = join(folder(t), "precious");
  const link = join(folder(t), "link");
  writeFileSync(target, "kept");
  symlinkSync(target, link);
  await assert.rejects(
    checkPlace("the report", link),
    /the report .*link is a symbolic link: give the path of its target/,
  );
  await assert.rejects(writePrivate("the report", link, "new"), /is a symbolic link/);
  assert.equal(readFileSync(target, "utf8"), "kept");
  const nowhere = join(folder(t), "nowhere");
  symlinkSync(join(nowhere, "new"), nowhere);
  await assert.rejects(writePrivate("the report", nowhere, "new"), /is a symbolic link/);
  assert.ok(!existsSync(join(nowhere, "new")));
});

test("a device is written to, and stays a device", onPosix, async () => {
  await checkPlace("the report", "/dev/null");
  await writePrivate("the report", "/dev/null", "new");
  assert.ok(statSync("/dev/null").isCharacterDevice());
});
