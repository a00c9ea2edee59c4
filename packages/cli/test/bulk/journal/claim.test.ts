import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type JournalClock, ownProcess, type ProcessName } from "../../../src/bulk/journal/claim.js";
import { Journal } from "../../../src/bulk/journal/journal.js";
import { folder } from "../../support/command.js";

const RUN = { "the data": "1" };

/** Processes of two containers, of neither of which the other can know whether it lives. */
const HERE: ProcessName = { ...ownProcess(), host: "here", space: "container 1" };
const THERE: ProcessName = { ...ownProcess(), host: "there", space: "container 2" };

/** A clock whose pauses end at once, after what the test does in them. */
function clock(during: (pauses: number) => void = () => undefined): JournalClock & { beat(): void } {
  let pauses = 0;
  let beat: () => void = () => undefined;
  return {
    beat: () => beat(),
    pause: async () => {
      pauses += 1;
      during(pauses);
    },
    every: (_ms, action) => {
      beat = action;
      return () => undefined;
    },
  };
}

test("a run of another container that shows life keeps the journal, and the other says who has it", async (t) => {
  const file = join(folder(t), "j");
  const first = await Journal.open(file, RUN, { process: HERE, clock: clock() });
  const waits: string[] = [];
  const watching = clock((pauses) => {
    // What a beat does, after some silence.
    if (pauses === 5) utimesSync(file, new Date(1), new Date(1));
  });
  await assert.rejects(
    Journal.open(file, RUN, { process: THERE, clock: watching, onWait: (text) => waits.push(text) }),
    /another run \(process \d+ on here\) is using the journal/,
  );
  assert.equal(waits.length, 1);
  await first.append({ line: 2, is: "sending" });
  await first.close();
  await (await Journal.open(file, RUN, { process: THERE, clock: clock() })).close();
});

test("a run shows that it lives by the journal's time stamp", async (t) => {
  const file = join(folder(t), "j");
  const own = clock();
  const journal = await Journal.open(file, RUN, { process: HERE, clock: own });
  utimesSync(file, new Date(1), new Date(1));
  own.beat();
  await journal.close();
  const again = await Journal.open(file, RUN, { process: HERE, clock: clock() });
  await again.close();
  assert.ok(statSync(file).mtimeMs > 1000);
});

test("a silent run loses the journal; what it had begun is unknown to the next, and it can begin nothing more", async (t) => {
  const file = join(folder(t), "j");
  const silent = await Journal.open(file, RUN, { process: HERE, clock: clock() });
  await silent.append({ line: 2, is: "sending" });
  const next = await Journal.open(file, RUN, { process: THERE, clock: clock() });
  assert.equal(next.states.get(2)?.kind, "left");
  await assert.rejects(
    silent.append({ line: 3, is: "sending" }),
    /another run .* on there\) has taken over the journal/,
  );
  await assert.rejects(silent.append({ line: 4, is: "sending" }), /has taken over/);
  await next.append({ line: 3, is: "sending" });
  await next.append({ line: 3, is: "accepted" });
  await silent.close();
  await next.append({ line: 5, is: "accepted" });
  await next.close();
});

test("of two that find a silent run at the same moment, one takes the journal over", async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const file = join(folder(t), "j");
    const silent = await Journal.open(file, RUN, { process: HERE, clock: clock() });
    const tries = Array.from({ length: 4 }, (_, index) =>
      Journal.open(file, RUN, { process: { ...THERE, space: `container ${index + 2}` }, clock: clock() }),
    );
    const results = await Promise.allSettled(tries);
    const holders = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const writes = await Promise.allSettled(holders.map((one) => one.append({ line: 2, is: "sending" })));
    assert.equal(writes.filter(({ status }) => status === "fulfilled").length, 1, "one may send");
    for (const one of [silent, ...holders]) await one.close();
  }
});

test("of two that begin one journal at the same moment, one has it", async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const file = join(folder(t), "j");
    const tries = [HERE, THERE].map((process) => Journal.open(file, RUN, { process, clock: clock() }));
    const results = await Promise.allSettled(tries);
    const holders = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const writes = await Promise.allSettled(holders.map((one) => one.append({ line: 2, is: "sending" })));
    assert.equal(writes.filter(({ status }) => status === "fulfilled").length, 1, "one may send");
    for (const one of holders) await one.close();
    await (await Journal.open(file, RUN, { process: HERE, clock: clock() })).close();
  }
});

/** A process that holds a journal, in namespaces of its own where this user may make them. */
class Holder {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(t: TestContext, prefix: readonly string[], file: string) {
    const program = fileURLToPath(new URL("./hold-journal.js", import.meta.url));
    const [command = "", ...args] = [...prefix, process.execPath, program, file];
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    t.after(() => this.child.kill("SIGKILL"));
    assert.ok(this.child.stdout !== null);
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async hears(): Promise<string> {
    return String((await this.#lines.next()).value);
  }
}

/** What makes namespaces: as root, as a user where users may, or not at all. The rule holds in each of them. */
function separated(kinds: readonly string[]): readonly string[] {
  const ways = [
    ["unshare", ...kinds],
    ["unshare", "--map-root-user", ...kinds],
  ];
  return ways.find(([command = "", ...args]) => spawnSync(command, [...args, "true"]).status === 0) ?? [];
}

test("two processes with network namespaces of their own: the second is refused", async (t) => {
  const file = join(folder(t), "j");
  const prefix = separated(["--net"]);
  const first = new Holder(t, prefix, file);
  assert.equal(await first.hears(), "open");
  const second = new Holder(t, prefix, file);
  assert.match(await second.hears(), /refused: .*another run/);
  first.say("append");
  assert.equal(await first.hears(), "appended");
});

test("two containers that share only the folder: the second waits for a sign of life, is refused, and has it after the first", async (t) => {
  const file = join(folder(t), "j");
  const prefix = separated(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]);
  const first = new Holder(t, prefix, file);
  assert.equal(await first.hears(), "open");
  const second = new Holder(t, prefix, file);
  let heard = await second.hears();
  if (prefix.length > 0) {
    assert.equal(heard, "waiting");
    assert.equal(await second.hears(), "pause");
    first.say("beat");
    // Its answer comes after the beat.
    first.say("append");
    assert.equal(await first.hears(), "appended");
    second.say("go on");
    heard = await second.hears();
  }
  assert.match(heard, /refused: .*another run/);

  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const third = new Holder(t, prefix, file);
  if (prefix.length > 0) {
    assert.equal(await third.hears(), "waiting");
    for (let beat = 0; beat < 10; beat += 1) {
      assert.equal(await third.hears(), "pause");
      third.say("go on");
    }
  }
  assert.equal(await third.hears(), "open");
  third.say("append");
  assert.equal(await third.hears(), "appended");
  assert.equal(
    readFileSync(file, "utf8").split('"run"').length - 1,
    2,
    "a run that is refused before it has claimed leaves no trace",
  );
});
