/**
 * Fields kept in order and found by name: few and many of them behave the same.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FewFields, type FieldStore, IndexedFields, MessageHeaders } from "../../../src/message/header/headers.js";
import { fc } from "../../support/property.js";

const key = fc.constantFrom("a", "b", "c", "d");
const step = fc.oneof(
  fc.record({ does: fc.constant("add" as const), key }),
  fc.record({ does: fc.constantFrom("keep one" as const, "keep none" as const), key }),
);

const valuesOf = (store: FieldStore): string[] => Array.from(store.inOrder, ({ key, value }) => `${key}${value}`);

test("a walk and an index find, keep and remove the same", () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const stores: FieldStore[] = [new FewFields(), new IndexedFields([])];
      for (const store of stores) {
        for (const [index, { does, key }] of steps.entries()) {
          if (does === "add") store.add({ name: key, key, value: String(index) });
          else store.keep(key, does === "keep one" ? 1 : 0);
        }
      }
      const [few = new FewFields(), many = few] = stores;
      assert.deepEqual(valuesOf(few), valuesOf(many));
      assert.equal(few.size, many.size);
      for (const key of ["a", "b", "c", "d"]) {
        assert.deepEqual(few.all(key), many.all(key));
        assert.equal(few.first(key)?.value, few.all(key)[0]?.value);
        assert.equal(many.first(key)?.value, few.first(key)?.value);
      }
    }),
  );
});

test("a header that grows keeps its fields and their order", () => {
  const headers = new MessageHeaders();
  const names = Array.from({ length: 60 }, (_, index) => `X-${index % 50}`);
  for (const [index, name] of names.entries()) headers.append(name, String(index));
  assert.deepEqual(
    [...headers],
    names.map((name, index) => [name, String(index)]),
  );
  headers.set("x-3", "new");
  assert.deepEqual(headers.getAll("X-3"), ["new"]);
  assert.equal(headers.delete("X-4"), true);
  assert.equal(headers.delete("X-4"), false);
  assert.equal(headers.size, 57);
});
