/**
 * A process that does not run for a while, as on Lambda and its like: no false outcome, no message lost or doubled. The process is a
 * real one, stopped by SIGSTOP; its time passes in fact, since no clock of its own can be set.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { all, close, reset, type Script } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance } from "../support/settle.js";
import { gate } from "./gate.js";

/** The timeouts of the program, all of which end while it is frozen. */
const TIMEOUT_MS = 400;
const FROZEN_MS = TIMEOUT_MS + 300;

class Program {
  readonly #child;
  readonly #lines;

  constructor(server: ScriptedServer, more: object = {}) {
    const options = {
      ...server.address,
      ...{ startTls: false, maxConnections: 1, timeout: TIMEOUT_MS, deliveryTimeout: TIMEOUT_MS, ...more },
    };
    const file = fileURLToPath(new URL("./frozen-program.js", import.meta.url));
    this.#child = spawn(process.execPath, [file, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  send(subject: string): void {
    this.#child.stdin.write(`${subject}\n`);
  }

  /** What has come of the next message. */
  async outcome(): Promise<string> {
    return (await this.#lines.next()).value;
  }

  /** Stops it until all its timeouts are over, while something happens. */
  async freeze(meanwhile: () => void): Promise<void> {
    // QUIRK: kill() of a child process of Deno ends it, whatever the signal is.
    const pid = this.#child.pid as number;
    process.kill(pid, "SIGSTOP");
    meanwhile();
    await delay(FROZEN_MS);
    process.kill(pid, "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const { exitCode } = this.#child;
    if (exitCode === null) await once(this.#child, "exit");
  }
}

const subjects = ({ messages }: ScriptedServer): string[] =>
  messages.map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? "");

/** Windows has no such signals. */
const isStoppable = process.platform !== "win32";
const frozen = isStoppable ? acceptance : () => undefined;

for (const [what, action] of [
  ["closed by its server", close],
  ["told 421 and closed by its server", all("421 4.4.2 idle for too long", close)],
  ["reset by its server", reset],
] as const) {
  frozen(`an idle connection that is ${what} meanwhile costs no message`, async () => {
    await using server = await ScriptedServer.start();
    await using program = new Program(server);
    program.send("before");
    assert.equal(await program.outcome(), "before: sent");
    const connection = await server.connection();
    await program.freeze(() => {
      void connection.send(action);
      // It waits in the pipe for the program, as an event does for a function.
      program.send("after");
    });
    assert.equal(await program.outcome(), "after: sent");
    assert.deepEqual(subjects(server), ["before", "after"]);
  });
}

frozen("an idle connection whose time is over meanwhile is replaced", async () => {
  await using server = await ScriptedServer.start();
  await using program = new Program(server, { idleTimeout: TIMEOUT_MS });
  program.send("before");
  assert.equal(await program.outcome(), "before: sent");
  await program.freeze(() => program.send("after"));
  assert.equal(await program.outcome(), "after: sent");
  assert.deepEqual(subjects(server), ["before", "after"]);
});

for (const step of ["MAIL", "RCPT", "DATA", "CONTENT"]) {
  frozen(`a reply to ${step} that came meanwhile counts, though its time is over`, async () => {
    const held = gate();
    const usual = step === "DATA" ? "354 go" : "250 ok";
    await using server = await ScriptedServer.start({ replies: { [step]: () => held.opened.then(() => usual) } });
    await using program = new Program(server);
    program.send("a");
    await (await server.connection()).saw(step);
    await program.freeze(() => held.open());
    assert.equal(await program.outcome(), "a: sent");
    assert.deepEqual(subjects(server), ["a"]);
    assert.equal(server.connections.length, 1);
  });
}

for (const [what, action] of [
  ["closes", close],
  ["resets the connection", reset],
] as const) {
  frozen(
    `a server that has the message and ${what} meanwhile leaves its outcome unknown, and gets it once`,
    async () => {
      const held = gate();
      const script: Script = { replies: { CONTENT: () => held.opened.then(() => action) } };
      await using server = await ScriptedServer.start(script);
      await using program = new Program(server);
      program.send("a");
      await (await server.connection()).saw("CONTENT");
      await program.freeze(() => held.open());
      assert.equal(await program.outcome(), "a: SmtpDisconnectedError, unknown");
      assert.deepEqual(subjects(server), ["a"]);
    },
  );
}

frozen("a server that closes before it has the message gets it again, and the program does not notice", async () => {
  const held = gate();
  let isFirst = true;
  const script: Script = {
    replies: {
      MAIL: () => {
        if (!isFirst) return "250 ok";
        isFirst = false;
        return held.opened.then(() => close);
      },
    },
  };
  await using server = await ScriptedServer.start(script);
  await using program = new Program(server);
  program.send("a");
  await (await server.connection()).saw("MAIL");
  await program.freeze(() => held.open());
  assert.equal(await program.outcome(), "a: sent");
  assert.deepEqual(subjects(server), ["a"]);
});
