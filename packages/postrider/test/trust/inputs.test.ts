/**
 * No string of the public API is forgotten: what the source declares is compared with what the tests throw tricks at.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readDeclarations } from "./declarations.js";
import { ALIASES, FURTHER, OUTPUTS, SLOTS } from "./slots.js";

const declared = [...readDeclarations(FURTHER).values()].filter(
  ({ name }) => !OUTPUTS.has(name) && !name.endsWith("Error"),
);

test("every field of the public API is listed: a new one belongs in test/trust/*-slots.ts", (context) => {
  const fields = declared
    .filter(({ kind }) => kind !== "alias")
    .flatMap(({ name, members }) => members.map((member) => `${name}.${member}`));
  const wanted = new Set([...fields, ...tlsNames(), "isSmtpError.error"]);
  const unlisted = [...wanted].filter((field) => !Object.hasOwn(SLOTS, field));
  const stale = Object.keys(SLOTS).filter((field) => !wanted.has(field));
  context.diagnostic(`${wanted.size} fields and parameters are declared`);
  assert.deepEqual({ unlisted: unlisted.sort(), stale: stale.sort() }, { unlisted: [], stale: [] });
});

test("what an alias stands for is known: it may let new strings in", () => {
  const aliases = declared.filter(({ kind }) => kind === "alias").map(({ name, text }) => [name, text] as const);
  assert.deepEqual(Object.fromEntries(aliases), ALIASES);
});

/** The members of an alias of Node's. */
function tlsNames(): string[] {
  return [...(ALIASES["TlsOptions"] ?? "").matchAll(/"(\w+)"/g)].map(([, name = ""]) => `TlsOptions.${name}`);
}
