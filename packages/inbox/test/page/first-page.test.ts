import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FirstPage } from "../../page/src/list/first-page.js";
import type { ApiList } from "../../src/web/api-types.js";

interface Asked {
  readonly query: string;
  readonly answer: (page: ApiList | Error) => Promise<void>;
}

const page = (total: number): ApiList => ({ total, unread: 0, matches: total, messages: [] });

/** What is asked, and what comes of it; time passes by hand. */
function started(t: TestContext): { first: FirstPage; asked: Asked[]; said: string[]; pass: () => void } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  // Deno does not do it at the end of a test.
  t.after(() => t.mock.timers.reset());
  const asked: Asked[] = [];
  const said: string[] = [];
  const fetch = (query: string): Promise<ApiList> =>
    new Promise((resolve, reject) => {
      const answer = async (given: ApiList | Error): Promise<void> => {
        if ("total" in given) resolve(given);
        else reject(given);
        await new Promise((done) => setImmediate(done));
      };
      asked.push({ query, answer });
    });
  const first = new FirstPage(fetch, (action) =>
    said.push(action.type === "first-page" ? `page of ${action.page.total}` : action.type),
  );
  return { first, asked, said, pass: () => t.mock.timers.tick(120) };
}

test("the first question is asked at once, later ones once in a while, however many are wanted", async (t) => {
  const { first, asked, said, pass } = started(t);
  first.want("", true);
  assert.equal(asked.length, 1);
  await asked[0]?.answer(page(1));
  for (const query of ["a", "ab", "abc"]) first.want(query, false);
  assert.equal(asked.length, 1);
  pass();
  assert.deepEqual(
    asked.map(({ query }) => query),
    ["", "abc"],
  );
  assert.deepEqual(said, ["asked", "page of 1", "asked"]);
});

test("the same question is not asked while its answer is on its way, but once after it", async (t) => {
  const { first, asked, said, pass } = started(t);
  first.want("", true);
  for (let round = 0; round < 3; round += 1) {
    first.want("", false);
    pass();
  }
  assert.equal(asked.length, 1);
  await asked[0]?.answer(page(1));
  assert.deepEqual(said, ["asked", "page of 1"]);
  pass();
  assert.equal(asked.length, 2);
  await asked[1]?.answer(page(2));
  pass();
  assert.equal(asked.length, 2);
  assert.deepEqual(said.slice(2), ["asked", "page of 2"]);
});

test("a failed question is asked again when that was wanted meanwhile", async (t) => {
  const { first, asked, said, pass } = started(t);
  first.want("", true);
  first.want("", false);
  await asked[0]?.answer(new Error("away"));
  pass();
  assert.equal(asked.length, 2);
  assert.deepEqual(said, ["asked", "failed", "asked"]);
});

test("an answer to another query than the last is thrown away, before and after the last is asked", async (t) => {
  for (const isAsked of [false, true]) {
    t.mock.timers.reset();
    const { first, asked, said, pass } = started(t);
    first.want("old", true);
    first.want("new", false);
    if (isAsked) pass();
    await asked[0]?.answer(page(1));
    if (!isAsked) pass();
    await asked[1]?.answer(page(2));
    assert.deepEqual(said, ["asked", "asked", "page of 2"]);
  }
});
