/**
 * What leaves the library with an error: frames of the caller's program, and the outcome of what was aborted.
 */
import assert from "node:assert/strict";
import { outcomeOf, SmtpClient, SmtpError, SmtpPool, send } from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { close, inTurn, type Script, silence } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection } from "../support/settle.js";

const REFUSING: Script = { replies: { MAIL: "550 5.7.1 no", NOOP: "550 no", VRFY: close } };

acceptance("an error of the connection names the place in the program that made the call", async () => {
  await using server = await ScriptedServer.start(REFUSING);
  await using client = await SmtpClient.connect(plain(server));
  await using pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  const nowhere = { hostname: "127.0.0.1", port: 1, startTls: false };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    send: () => send(TEXT, { ...plain(server), ...ENVELOPE }),
    "send to nobody": () => send(TEXT, { ...nowhere, ...ENVELOPE }),
    "client.connect": () => SmtpClient.connect(nowhere),
    "client.verify": () => new SmtpClient(nowhere).verify(),
    "client.send": () => client.send(TEXT, ENVELOPE),
    "pool.send": () => pool.send(TEXT, ENVELOPE),
    "client.noop": () => client.noop(),
    "client.mail": () => client.mail("a@x.example"),
    "client.vrfy": () => client.vrfy("ann"),
  };
  for (const [name, call] of Object.entries(calls)) {
    const callTheLibrary = async (): Promise<void> => {
      await call();
    };
    const error = await rejection(callTheLibrary());
    assert.ok(error instanceof SmtpError, `${name}: ${error}`);
    assert.match(error.stack ?? "", /call-edge\.test\.[jt]s/, `${name}: ${error.stack}`);
    assert.equal(Object.keys(error).includes("stack"), false, name);
  }
});

acceptance("send and commands name the place also when nobody waits with await", async () => {
  await using server = await ScriptedServer.start(REFUSING);
  const client = await SmtpClient.connect(plain(server));
  for (const call of [() => send(TEXT, { ...plain(server), ...ENVELOPE }), () => client.noop()]) {
    const stack = await call().then(
      () => assert.fail("it should reject"),
      (error: Error) => error.stack ?? "",
    );
    assert.match(stack, /call-edge\.test\.[jt]s/);
  }
  client.close();
});

acceptance("an abort before the content is out rejects with the reason, and surely nothing was sent", async () => {
  await using server = await ScriptedServer.start({ replies: { DATA: silence } });
  const controller = new AbortController();
  const reason = new Error("enough");
  const sending = send(TEXT, { ...plain(server), ...ENVELOPE, signal: controller.signal });
  const failure = rejection(sending);
  await (await server.connection()).saw("DATA");
  controller.abort(reason);
  assert.equal(await failure, reason);
  assert.deepEqual([outcomeOf(sending), outcomeOf(reason)], ["not-sent", "not-sent"]);
});

acceptance("an abort after the content is out rejects with the reason, and the outcome is unknown", async () => {
  const script = { replies: { CONTENT: silence } };
  await using server = await ScriptedServer.start(script);
  const client = await SmtpClient.connect(plain(server));
  const pool = new SmtpPool({ ...plain(server), maxConnections: 1 });
  const ways: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    send: (signal) => send(TEXT, { ...plain(server), ...ENVELOPE, signal }),
    client: (signal) => client.send(TEXT, { ...ENVELOPE, signal }),
    pool: (signal) => pool.send(TEXT, { ...ENVELOPE, signal }),
  };
  for (const [name, way] of Object.entries(ways)) {
    const controller = new AbortController();
    const reason = new Error("enough");
    const messages = server.connections.flatMap((one) => one.messages).length;
    const sending = way(controller.signal);
    const failure = rejection(sending);
    while (server.connections.flatMap((one) => one.messages).length === messages) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    controller.abort(reason);
    assert.equal(await failure, reason, name);
    assert.deepEqual([outcomeOf(sending), outcomeOf(reason)], ["unknown", "unknown"], name);
  }
  await pool.close();
  assert.deepEqual([pool.stats.unknown, pool.stats.failed, pool.stats.sent], [1, 0, 0]);
});

acceptance("one signal for many messages: the promise of each tells its own outcome", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: silence } });
  const client = await SmtpClient.connect({ ...plain(server), maxInFlight: 1 });
  const { signal, abort } = (() => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort("a reason that is a string") };
  })();
  const sending = [client.send(TEXT, { ...ENVELOPE, signal }), client.send(TEXT, { ...ENVELOPE, signal })];
  const settled = Promise.allSettled(sending);
  const connection = await server.connection();
  while (connection.messages.length === 0) await new Promise((resolve) => setImmediate(resolve));
  abort();
  for (const one of await settled) assert.equal(one.status === "rejected" && one.reason, "a reason that is a string");
  assert.deepEqual(sending.map(outcomeOf), ["unknown", "not-sent"]);
  assert.equal(outcomeOf("a reason that is a string"), undefined);
  client.close();
});

acceptance("the outcome of other failures is that of the error; of what is not ours it is not known", async () => {
  await using server = await ScriptedServer.start({ replies: { CONTENT: inTurn(close, "250 ok") } });
  const lost = send(TEXT, { ...plain(server), ...ENVELOPE });
  const error = await rejection(lost);
  assert.deepEqual([outcomeOf(error), outcomeOf(lost)], ["unknown", "unknown"]);
  const sent = send(TEXT, { ...plain(server), ...ENVELOPE });
  await sent;
  for (const other of [sent, new Error("other"), undefined, null, 5, "text"]) assert.equal(outcomeOf(other), undefined);
});
