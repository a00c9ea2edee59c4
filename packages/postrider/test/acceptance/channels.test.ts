/** What programs that watch are told, and that nothing is built when nobody does. */
import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import {
  type CommandContext,
  type ConnectContext,
  type SendContext,
  SmtpClient,
  SmtpPool,
  send,
} from "../../src/index.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { ask, reset } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection, soon } from "../support/settle.js";

type Context = ConnectContext | SendContext | CommandContext;

interface Seen {
  readonly what: string;
  readonly context: Context;
}

acceptance(
  "a trace or a subscriber that throws is told once as a warning, and neither ends the process nor the session",
  async () => {
    await using server = await ScriptedServer.start();
    const warnings: Error[] = [];
    const warn = (warning: Error): number => warnings.push(warning);
    const fail = (): never => {
      throw new Error("a logger that is broken");
    };
    const channel = tracingChannel<unknown, Context>("postrider:command");
    const subscribers = { start: fail, end: () => undefined, asyncStart: () => undefined, asyncEnd: fail, error: fail };
    process.on("warning", warn);
    channel.subscribe(subscribers);
    try {
      for (let count = 0; count < 2; count++) await send(TEXT, { ...plain(server), ...ENVELOPE, trace: fail });
      // Warnings are told in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off("warning", warn);
      channel.unsubscribe(subscribers);
    }
    const ours = warnings.filter((warning) => warning.name === "PostriderWarning").map((warning) => warning.message);
    assert.deepEqual(ours.map((message) => message.replace(/ threw an error.*/s, "")).sort(), [
      "A subscriber of tracing:postrider:command:asyncEnd",
      "A subscriber of tracing:postrider:command:start",
      "trace",
    ]);
    for (const message of ours) assert.match(message, /a logger that is broken/);
  },
);

acceptance("what a server quotes of a secret is shown to no subscriber, and in no result of a login", async () => {
  const secret = "tanstaaf-s3cret";
  const coded = Buffer.from(`\0tim\0${secret}`).toString("base64");
  await using server = await ScriptedServer.start({
    extensions: ["AUTH PLAIN LOGIN"],
    replies: {
      AUTH: ({ argument }) =>
        argument.startsWith("PLAIN")
          ? [`235-you said ${coded}`, `235 that is ${secret}`]
          : ask(`334 ${Buffer.from(secret).toString("base64")}`, () => `235 ${secret}`),
      NOOP: `250 still ${secret}`,
    },
  });
  using watcher = new Watcher("command");
  const client = await SmtpClient.connect({ ...plain(server) });
  const replies = [await client.auth("PLAIN", { username: "tim", password: secret }), await client.noop()];
  replies.push(await client.auth("LOGIN", { username: "tim", password: secret }));
  await client.quit();
  const shown = inspect([replies, watcher.seen], { depth: 9 });
  assert.match(shown, /you said \*\*\*/);
  for (const word of [secret, coded, Buffer.from(secret).toString("base64")]) assert.ok(!shown.includes(word), shown);
});

/** Everything on the three channels, until it is disposed. */
class Watcher implements Disposable {
  readonly seen: Seen[] = [];
  readonly #leave: (() => void)[] = [];

  constructor(...channels: readonly ("connect" | "send" | "command")[]) {
    for (const name of channels) {
      const channel = tracingChannel<unknown, Context>(`postrider:${name}`);
      const on = (moment: string) => (context: Context) => {
        this.seen.push({ what: `${name} ${moment}`, context });
      };
      const subscribers = {
        start: on("start"),
        end: () => undefined,
        asyncStart: () => undefined,
        asyncEnd: on("end"),
        error: on("error"),
      };
      channel.subscribe(subscribers);
      this.#leave.push(() => channel.unsubscribe(subscribers));
    }
  }

  get moments(): string[] {
    return this.seen.map(({ what, context }) => ("command" in context ? `${what} ${context.command}` : what));
  }

  last(what: string): Context {
    const found = this.seen.findLast((one) => one.what === what);
    assert.ok(found !== undefined, what);
    return found.context;
  }

  [Symbol.dispose](): void {
    for (const leave of this.#leave) leave();
  }
}

acceptance("a connection, a message and its commands are told from start to end, in their order", async () => {
  await using server = await ScriptedServer.start({ extensions: ["PIPELINING"] });
  using watcher = new Watcher("connect", "send", "command");
  await send(TEXT, { ...plain(server), ...ENVELOPE });
  // The verdict settles the call; QUIT is answered after that.
  await soon(server.allEnded(), "the end");
  const moments = watcher.moments;
  assert.deepEqual(moments.slice(0, 3), ["connect start", "command start GREETING", "command end GREETING"]);
  assert.ok(moments.indexOf("connect end") < moments.indexOf("send start"));
  for (const verb of ["EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "QUIT"]) {
    assert.ok(moments.indexOf(`command start ${verb}`) < moments.indexOf(`command end ${verb}`), verb);
  }
  assert.ok(moments.indexOf("command start RCPT") < moments.indexOf("command end MAIL"), "pipelined");
  const sent = watcher.last("send end") as SendContext;
  assert.deepEqual(
    [sent.protocol, sent.hostname, sent.port, sent.recipientCount, sent.acceptedCount, sent.refusedCount],
    ["smtp", "127.0.0.1", server.port, 1, 1, 0],
  );
  assert.equal(sent.reply?.code, 250);
  assert.equal((watcher.last("connect end") as ConnectContext).isSecure, false);
});

acceptance("addresses are told to those who ask, and content and credentials to nobody", async () => {
  await using server = await ScriptedServer.start({ extensions: ["AUTH PLAIN"], replies: { AUTH: "235 ok" } });
  using watcher = new Watcher("connect", "send", "command");
  await using client = await SmtpClient.connect({ ...plain(server), username: "tim", password: "tanstaaf" });
  await client.send(TEXT, { sender: "ann@example.org", recipients: "bob@example.com" });
  const told = inspect(watcher.seen, { depth: 9 }) + JSON.stringify(watcher.seen);
  for (const secret of ["ann@", "bob@", "tanstaaf", Buffer.from("\0tim\0tanstaaf").toString("base64"), TEXT]) {
    assert.ok(!told.includes(secret), secret);
  }
  const sent = watcher.last("send end") as SendContext;
  assert.deepEqual(sent.envelope(), { sender: "ann@example.org", recipients: ["bob@example.com"] });
});

acceptance("what fails is told with its error, and what is unanswered ends with the connection", async () => {
  await using server = await ScriptedServer.start({ replies: { MAIL: reset } });
  using watcher = new Watcher("send", "command");
  const error = await rejection(send(TEXT, { ...plain(server), ...ENVELOPE }));
  assert.equal((watcher.last("send error") as SendContext).error, error);
  assert.ok(watcher.moments.includes("send end"));
  const mail = watcher.last("command error") as CommandContext;
  assert.equal(mail.command, "MAIL");
  assert.equal(mail.reply, undefined);
  const count = (what: string): number => watcher.seen.filter((one) => one.what === what).length;
  assert.equal(count("command start"), count("command end"));
});

acceptance("connecting in vain is told, and each attempt of a pool is a send of its own", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: "554 no" } });
  using connecting = new Watcher("connect");
  const error = await rejection(send(TEXT, { ...plain(server), ...ENVELOPE }));
  assert.deepEqual(connecting.moments, ["connect start", "connect error", "connect end"]);
  assert.equal((connecting.last("connect error") as ConnectContext).error, error);

  await using good = await ScriptedServer.start();
  using sending = new Watcher("send");
  await using pool = new SmtpPool({ ...plain(good) });
  await Promise.all([pool.send(TEXT, ENVELOPE), pool.send(TEXT, ENVELOPE)]);
  assert.equal(sending.moments.filter((moment) => moment === "send start").length, 2);
});
