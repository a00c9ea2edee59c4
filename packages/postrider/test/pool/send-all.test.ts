/**
 * sendAll alone, with a `send` that the test answers by hand.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type SendOutcome, type SendRequest, sendAll } from "../../src/pool/send-all.js";
import type { SendResult } from "../../src/result.js";
import { gate } from "./gate.js";

interface Given {
  readonly message: unknown;
  readonly options: object;
  accept(): void;
  refuse(error: unknown): void;
}

/** Everything that was sent, to be answered one by one. */
class Desk {
  readonly given: Given[] = [];
  mostOpen = 0;
  #open = 0;

  readonly send = (message: unknown, options: object): Promise<SendResult> => {
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    return new Promise((resolve, reject) => {
      this.given.push({
        message,
        options,
        accept: () => {
          this.#open--;
          resolve(RESULT);
        },
        refuse: (error) => {
          this.#open--;
          reject(error);
        },
      });
    });
  };

  all<Input extends string | SendRequest>(
    messages: Iterable<Input> | AsyncIterable<Input>,
    options: { concurrency?: number; signal?: AbortSignal; sender?: string } = {},
  ): AsyncGenerator<SendOutcome<Input>> {
    const { concurrency = 2, ...delivery } = options;
    return sendAll(messages, { concurrency: () => concurrency, delivery, send: this.send });
  }
}

const RESULT: SendResult = {
  envelope: { sender: "a@x.example", recipients: ["b@y.example"] },
  accepted: ["b@y.example"],
  refused: [],
  reply: { code: 250, enhancedCode: undefined, lines: ["ok"], message: "ok" },
  messageId: undefined,
  size: 0,
  extensions: new Map(),
  envelopeTime: 0,
  contentTime: 0,
};

/** Collects in the background, and says which index came when. */
function collect<Input>(outcomes: AsyncIterable<SendOutcome<Input>>): {
  readonly indexes: number[];
  readonly done: Promise<SendOutcome<Input>[]>;
} {
  const indexes: number[] = [];
  const run = async (): Promise<SendOutcome<Input>[]> => {
    const all: SendOutcome<Input>[] = [];
    for await (const outcome of outcomes) {
      indexes.push(outcome.index);
      all.push(outcome);
    }
    return all;
  };
  return { indexes, done: run() };
}

test("an array, a generator and an async generator are all sent, each with its index and itself", async () => {
  const array = ["a", "b", "c"];
  const generator = function* () {
    yield* array;
  };
  const asynchronous = async function* () {
    yield* array;
  };
  for (const messages of [array, generator(), asynchronous(), new Set(array)]) {
    const desk = new Desk();
    const { done } = collect(desk.all(messages, { concurrency: 3 }));
    await turn();
    for (const one of desk.given) one.accept();
    assert.deepEqual(await done, [
      { index: 0, message: "a", result: RESULT },
      { index: 1, message: "b", result: RESULT },
      { index: 2, message: "c", result: RESULT },
    ]);
  }
});

test("nothing in, nothing out", async () => {
  assert.deepEqual(await collect(new Desk().all([])).done, []);
});

test("outcomes come in the order in which they become known", async () => {
  const desk = new Desk();
  const { indexes, done } = collect(desk.all(["a", "b", "c"], { concurrency: 3 }));
  await turn();
  for (const index of [2, 0, 1]) {
    desk.given[index]?.accept();
    await turn();
  }
  await done;
  assert.deepEqual(indexes, [2, 0, 1]);
});

test("a message's own failure is its outcome, and ends nothing", async () => {
  const desk = new Desk();
  const { done } = collect(desk.all(["a", "b"]));
  await turn();
  const error = new Error("no");
  desk.given[0]?.refuse(error);
  desk.given[1]?.accept();
  assert.deepEqual(await done, [
    { index: 0, message: "a", error },
    { index: 1, message: "b", result: RESULT },
  ]);
});

test("no more is pulled than may be without outcome, also when nobody reads the outcomes", async () => {
  let pulled = 0;
  const endless = function* () {
    for (;;) yield String(pulled++);
  };
  const desk = new Desk();
  const outcomes = desk.all(endless(), { concurrency: 4 });
  const first = outcomes.next();
  await turn();
  assert.equal(pulled, 4);
  for (const one of desk.given) one.accept();
  await first;
  await turn();
  assert.equal(pulled, 4, "outcomes that are not yet read count");
  for (let read = 1; read < 4; read++) await outcomes.next();
  const next = outcomes.next();
  await turn();
  assert.ok(pulled <= 8 && pulled > 4, String(pulled));
  assert.ok(desk.mostOpen <= 4);
  for (const one of desk.given) one.accept();
  await next;
  await outcomes.return(undefined);
});

test("a slow producer holds back no outcome", async () => {
  const more = gate();
  const slow = async function* () {
    yield "a";
    await more.opened;
    yield "b";
  };
  const desk = new Desk();
  const { indexes, done } = collect(desk.all(slow()));
  await turn();
  desk.given[0]?.accept();
  await turn();
  assert.deepEqual(indexes, [0], "the first outcome is there, though the second message is not");
  more.open();
  await turn();
  desk.given[1]?.accept();
  await done;
});

test("break stops pulling, closes the iterable, and waits for what is in flight", async () => {
  let isClosed = false;
  let pulled = 0;
  const endless = function* () {
    try {
      for (;;) yield String(pulled++);
    } finally {
      isClosed = true;
    }
  };
  const desk = new Desk();
  let isOver = false;
  const loop = (async () => {
    for await (const { index } of desk.all(endless(), { concurrency: 3 })) {
      assert.equal(index, 0);
      break;
    }
    isOver = true;
  })();
  await turn();
  desk.given[0]?.accept();
  await turn();
  assert.ok(isClosed);
  assert.equal(isOver, false, "two are in flight");
  for (const one of desk.given) one.accept();
  await loop;
  assert.equal(pulled, 3);
});

test("break does not wait for a producer that is stuck", async () => {
  const stuck = async function* () {
    yield "a";
    await new Promise<never>(() => undefined);
  };
  const desk = new Desk();
  const loop = (async () => {
    for await (const _ of desk.all(stuck())) break;
  })();
  await turn();
  desk.given[0]?.accept();
  await loop;
});

test("an iterable that throws makes sendAll reject, after the outcomes of what was pulled before", async () => {
  const broken = new Error("no more rows");
  const sources = {
    plain: function* () {
      yield "a";
      throw broken;
    },
    async: async function* () {
      yield "a";
      throw broken;
    },
  };
  for (const source of Object.values(sources)) {
    const desk = new Desk();
    const { indexes, done } = collect(desk.all(source()));
    let isOver = false;
    const rejected = assert.rejects(done, broken).then(() => {
      isOver = true;
    });
    await turn();
    assert.equal(isOver, false);
    desk.given[0]?.accept();
    await rejected;
    assert.deepEqual(indexes, [0]);
  }
});

test("an abort stops pulling; messages in flight give their outcomes first, then the reason is thrown", async () => {
  const controller = new AbortController();
  const desk = new Desk();
  let pulled = 0;
  const endless = function* () {
    for (;;) yield String(pulled++);
  };
  const { indexes, done } = collect(desk.all(endless(), { signal: controller.signal }));
  await turn();
  const reason = new Error("enough");
  const rejected = assert.rejects(done, reason);
  controller.abort(reason);
  for (const one of desk.given) one.refuse(reason);
  await rejected;
  assert.deepEqual(indexes, [0, 1]);
  assert.equal(pulled, 2);
});

test("an abort while the producer is slow is heard at once", async () => {
  const controller = new AbortController();
  const stuck = async function* (): AsyncGenerator<string> {
    await new Promise<never>(() => undefined);
  };
  const { done } = collect(new Desk().all(stuck(), { signal: controller.signal }));
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(done, reason);
});

test("options of one message go before those of all", async () => {
  const desk = new Desk();
  const request = { message: "a", recipients: ["own@y.example"], sender: "own@x.example" } as const;
  const { done } = collect(desk.all([request, { message: "b" }], { sender: "all@x.example" }));
  await turn();
  assert.deepEqual(
    desk.given.map(({ message, options }) => ({ message, options })),
    [
      { message: "a", options: { sender: "own@x.example", recipients: ["own@y.example"] } },
      { message: "b", options: { sender: "all@x.example" } },
    ],
  );
  for (const one of desk.given) one.accept();
  const [first] = await done;
  assert.equal(first?.message, request);
});
