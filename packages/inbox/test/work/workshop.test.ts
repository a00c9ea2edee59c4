import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { acceptInOrder } from "../../src/accept.js";
import { parseMessage } from "../../src/parse-message.js";
import { RuleBook } from "../../src/smtp/rules.js";
import { MessageStore } from "../../src/store/message-store.js";
import { plain, TASKS } from "../../src/work/tasks.js";
import { TASK_LIMIT_MS, WorkError, Workshop } from "../../src/work/workshop.js";
import { parsed } from "../support/parsed.js";

const LARGE = 1_000_000;

/** A thread that answers as its code says; `data` is what it was sent. */
function thread(code: string): URL {
  const program = `import { parentPort } from "node:worker_threads"; parentPort.on("message", (data) => { ${code} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

const NEVER_ENDS = thread('if (data.input.hangs) for (;;); parentPort.postMessage({ result: "done" });');

async function frameOf(
  content: string,
): Promise<{ readonly message: ReturnType<typeof plain>; readonly remote: false }> {
  return { message: plain(await parsed(content)), remote: false };
}

test("a small message is worked on in place, a large one in a thread, with the same result", async () => {
  const workshop = new Workshop();
  const content = `From: Ann <a@x.y>\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\n${"text ".repeat(10)}\n--m\nContent-Type: text/html\n\n<img src=//a.example>\n--m\nContent-Type: application/x\n\nfile\n--m--\n`;
  const message = await parsed(content);
  for (const size of [1, LARGE]) {
    const { raw: _raw, ...expected } = plain(message);
    const delivery = { ...message, size: undefined };
    const result = await workshop.run("parse", { delivery, maxKept: LARGE }, size);
    assert.deepEqual({ ...result, size: expected.size }, { ...expected });
    const details = await workshop.run("details", { message: plain(message), read: true }, size);
    assert.equal(JSON.parse(Buffer.from(details).toString()).remote[0], "http://a.example/");
    const checks = await workshop.run("checks", { message: plain(message), dkimKeys: {} }, size);
    assert.deepEqual(checks, await TASKS.checks({ message: plain(message), dkimKeys: {} }));
    const frame = await workshop.run("frame", { message: plain(message), remote: true }, size);
    assert.match(frame.policy, /img-src data: http:\/\/a\.example;/);
    assert.match(Buffer.from(frame.content).toString(), /<img src=\/\/a\.example>/);
  }
  await workshop.close();
});

test("while a thread never ends its task, the program goes on, and after the limit so does the next task", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const workshop = new Workshop(NEVER_ENDS);
  const input = await frameOf("\n");
  const hanging = workshop.run("frame", { ...input, hangs: true } as never, LARGE);
  const failed = assert.rejects(
    hanging,
    (error) => error instanceof WorkError && /longer than 20 s/.test(error.message),
  );
  const next = workshop.run("frame", input, LARGE);
  // The program is not the thread: its own turns pass, and work on small messages is done.
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  assert.ok((await workshop.run("frame", input, 1)).content.length > 0);
  t.mock.timers.tick(TASK_LIMIT_MS);
  await failed;
  assert.equal(await next, "done");
  await workshop.close();
});

test("a thread that dies fails its own task only", async () => {
  const workshop = new Workshop(
    thread('if (data.input.dies) throw new Error("broken"); parentPort.postMessage({ result: "done" });'),
  );
  const input = await frameOf("\n");
  const dying = assert.rejects(workshop.run("frame", { ...input, dies: true } as never, LARGE), /Cancelled: broken/);
  const next = workshop.run("frame", input, LARGE);
  await dying;
  assert.equal(await next, "done");
  await workshop.close();
});

test("an inbox that closes gives up what is under way and what waits", async () => {
  const workshop = new Workshop(NEVER_ENDS);
  const input = { ...(await frameOf("\n")), hangs: true };
  const runs = [1, 2].map(() => assert.rejects(workshop.run("frame", input, LARGE), /The inbox is closed/));
  await workshop.close();
  await Promise.all(runs);
  await assert.rejects(workshop.run("frame", input, LARGE), /The inbox is closed/);
});

test("a message that waits to be parsed holds up no other in its parsing, and none overtakes it", async () => {
  const store = new MessageStore({ maxMessages: 10, maxBytes: LARGE });
  let release: (() => void) | undefined;
  const parsedNames: string[] = [];
  const accept = acceptInOrder({
    store,
    rules: new RuleBook(),
    protocol: "smtp",
    maildir: undefined,
    parse: async (delivery) => {
      parsedNames.push(delivery.id);
      const message = await parseMessage(delivery);
      return delivery.id === "slow" ? new Promise((resolve) => (release = () => resolve(message))) : message;
    },
  });
  const deliver = async (id: string): Promise<unknown> => accept({ ...(await parsed("Subject: x\n\n")), id });
  const slow = deliver("slow");
  const quick = deliver("quick");
  while (parsedNames.length < 2 || release === undefined) await new Promise(setImmediate);
  assert.equal(store.total, 0);
  release();
  await Promise.all([slow, quick]);
  assert.deepEqual(
    store.messages.map(({ id }) => id),
    ["slow", "quick"],
  );
});

test("a thread that has nothing to do does not keep the program alive", async () => {
  const { Worker } = await import("node:worker_threads");
  const program = `
    const { Workshop } = await import(${JSON.stringify(new URL("../../src/work/workshop.js", import.meta.url).href)});
    const { TASKS } = await import(${JSON.stringify(new URL("../../src/work/tasks.js", import.meta.url).href)});
    void TASKS;
    const delivery = { id: "1", receivedAt: new Date(0), envelope: { sender: "", recipients: [] }, raw: new Uint8Array(9), secure: false };
    await new Workshop().run("parse", { delivery, maxKept: 9 }, ${LARGE});`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  const [code] = await once(worker, "exit");
  assert.equal(code, 0);
});
