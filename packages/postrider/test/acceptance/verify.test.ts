/**
 * What a program calls when it starts.
 */
import assert from "node:assert/strict";
import { SmtpAuthenticationError, SmtpClient, SmtpConnectError, SmtpPool } from "../../src/index.js";
import { plain } from "../support/plain-client.js";
import { mute } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejects, soon } from "../support/settle.js";

acceptance("verify connects, greets and leaves; the client is not connected by it", async () => {
  await using server = await ScriptedServer.start();
  const client = new SmtpClient(plain(server));
  await client.verify();
  await server.allEnded();
  assert.deepEqual(server.verbs, ["EHLO", "QUIT"]);
  assert.equal(client.isConnected, false);
});

acceptance("verify of a pool tries every server", async () => {
  await using one = await ScriptedServer.start();
  await using two = await ScriptedServer.start();
  await using pool = new SmtpPool({ servers: [plain(one), plain(two)] });
  await pool.verify();
  assert.deepEqual([...one.verbs, ...two.verbs], ["EHLO", "QUIT", "EHLO", "QUIT"]);
});

acceptance("the signal of a pool's verify ends it with the signal's reason, and no connection is left", async () => {
  await using server = await ScriptedServer.start({ replies: { GREETING: { kind: "silence" } } });
  await using pool = new SmtpPool(plain(server));
  const controller = new AbortController();
  const verifying = pool.verify({ signal: controller.signal });
  await server.connection(0);
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(verifying, reason);
  await server.allEnded();
});

acceptance("verify tells of wrong credentials", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["AUTH PLAIN"],
    replies: { AUTH: "535 5.7.8 no" },
  });
  const client = new SmtpClient({ ...plain(server), username: "tim", password: "wrong" });
  const error = await rejects(client.verify(), SmtpAuthenticationError);
  assert.equal(error.reply.code, 535);
});

acceptance("verify tells of a port on which nothing listens", async () => {
  const server = await ScriptedServer.start();
  const options = plain(server);
  await server[Symbol.asyncDispose]();
  await rejects(new SmtpClient(options).verify(), SmtpConnectError);
});

acceptance("an abort ends verify at every step, with the reason of the signal", async () => {
  for (const step of ["GREETING", "EHLO"]) {
    for (const make of [SmtpClient, SmtpPool]) {
      await using server = await ScriptedServer.start({ replies: { [step]: mute } });
      const giveUp = new AbortController();
      const tried = new make(plain(server)).verify({ signal: giveUp.signal });
      const failed = assert.rejects(tried, (error) => error === giveUp.signal.reason);
      const connection = await server.connection();
      if (step === "EHLO") await connection.saw("EHLO");
      giveUp.abort(new Error("enough"));
      await soon(failed, "verify()");
      await soon(server.allEnded(), "the end of the connection");
    }
  }
});

acceptance("verify with a signal that has fired opens nothing", async () => {
  await using server = await ScriptedServer.start();
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  for (const one of [new SmtpClient(plain(server)), new SmtpPool(plain(server))]) {
    await assert.rejects(one.verify({ signal }), (error) => error === reason);
  }
  assert.equal(server.connections.length, 0);
});

acceptance("what verify does not know is an error", async () => {
  await using server = await ScriptedServer.start();
  for (const one of [new SmtpClient(plain(server)), new SmtpPool(plain(server))]) {
    await assert.rejects(one.verify({ signal: "now" } as never), { code: "option", option: "signal" });
    await assert.rejects(one.verify({ timeout: 0 }), { code: "option", option: "timeout" });
    await assert.rejects(one.verify({ force: true } as never), { code: "option", option: "force" });
  }
});
