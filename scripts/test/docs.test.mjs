// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MEDIA_TYPES, mediaTypes, mediaTypeTable } from "../docs/media-types.mjs";
import { meanings, renderStateMachine, STATE_MACHINE, stateMachinePage } from "../docs/state-machine.mjs";
import { mediaTypesModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

test("docs/state-machine.md is what the transition table says; npm run docs writes it", async () => {
  assert.equal(readFileSync(join(ROOT, STATE_MACHINE), "utf8"), await stateMachinePage());
});

test("the table of media types is the data of the package mime; npm run docs writes it", () => {
  assert.equal(readFileSync(join(ROOT, MEDIA_TYPES), "utf8"), mediaTypeTable());
});

test("what the table says of an ending is what the package says", async () => {
  const { mediaTypeOf } = await mediaTypesModule();
  const types = mediaTypes();
  assert.ok(types.size > 1000);
  for (const [ending, type] of types) assert.equal(mediaTypeOf(`x.${ending}`), type, ending);
});

test("the page shows an event that was added to the table", () => {
  const page = renderStateMachine({ up: { fall: "down", trip: "down" }, down: {} }, new Map([["fall", "Gravity."]]));
  assert.match(page, /up --> down: fall, trip/);
  assert.match(page, /down --> \[\*\]/);
  assert.match(page, /\| fall \| Gravity\. \|/);
  assert.match(page, /\| \*\*trip\*\* \| down \| {2}\|/);
});

test("meanings come from the comments above the names", () => {
  const found = meanings('type State =\n  /** No greeting yet. */\n  | "connecting"\n  | "closed";\n');
  assert.deepEqual([...found], [["connecting", "No greeting yet."]]);
});
