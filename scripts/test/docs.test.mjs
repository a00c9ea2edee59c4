// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MEDIA_TYPES, mediaTypes, mediaTypeTable } from "../docs/media-types.mjs";
import { PROVIDERS, providersPage } from "../docs/providers.mjs";
import { meanings, renderTable, STATE_MACHINE, stateMachinePage } from "../docs/state-machine.mjs";
import { mediaTypesModule } from "../workspace/built.mjs";
import { ROOT } from "../workspace/root.mjs";

test("docs/state-machine.md is what the two state tables say; npm run docs writes it", async () => {
  assert.equal(readFileSync(join(ROOT, STATE_MACHINE), "utf8"), await stateMachinePage());
});

test("docs/providers.md is the table of providers; npm run docs writes it", async () => {
  assert.equal(readFileSync(join(ROOT, PROVIDERS), "utf8"), await providersPage());
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

/** @param {Readonly<Record<string, Readonly<Record<string, string>>>>} transitions */
function table(transitions) {
  return {
    title: "A fall",
    about: "Gravity.",
    transitions,
    states: new Map(),
    events: new Map([["fall", "It lost its hold."]]),
  };
}

test("the page shows an event that was added to a table", () => {
  const page = renderTable(table({ up: { fall: "down", trip: "down" }, down: {} })).join("\n");
  assert.match(page, /up --> down: fall, trip/);
  assert.match(page, /down --> \[\*\]/);
  assert.match(page, /\| fall \| It lost its hold\. \|/);
  assert.match(page, /\| \*\*trip\*\* \| down \| {2}\|/);
});

test("a table says what may be written in each state, where it knows", () => {
  const page = renderTable({
    ...table({ up: { fall: "down" }, down: {} }),
    writes: { up: "a cry", down: "nothing" },
  }).join("\n");
  assert.match(
    page,
    /\| state \| what was written \| what may be written \|\n\|---\|---\|---\|\n\| up \| {2}\| a cry \|/,
  );
  assert.doesNotMatch(renderTable(table({ up: {} })).join("\n"), /may be written/);
});

test("a state with a hyphen has another identifier in the diagram, and its name", () => {
  const page = renderTable(table({ "half-way": { fall: "down" }, down: {} })).join("\n");
  assert.match(page, /state "half-way" as half_way\n {2}\[\*\] --> half_way\n {2}half_way --> down: fall/);
});

test("every state and event of both tables says what it means", () => {
  const page = readFileSync(join(ROOT, STATE_MACHINE), "utf8");
  assert.equal(page.match(/^```mermaid$/gm)?.length, 2);
  assert.deepEqual(page.match(/^\| [\w-]+ \| {2}\|.*$/gm), null);
});

test("meanings come from the comments above the names of one union", () => {
  const source =
    'export type State =\n  /** No greeting yet. */\n  | "connecting"\n  | "closed";\n\n' +
    'export type Other =\n  /** Another. */\n  | "connecting";\n';
  assert.deepEqual([...meanings(source, "State")], [["connecting", "No greeting yet."]]);
  assert.deepEqual([...meanings(source, "Other")], [["connecting", "Another."]]);
});
