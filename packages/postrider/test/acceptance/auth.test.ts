/**
 * AUTH, and what credentials may never do.
 */

import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import {
  type Authenticate,
  type ConnectionOptions,
  OptionError,
  SmtpAuthenticationError,
  SmtpClient,
  SmtpError,
  SmtpNotSupportedError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "../../src/index.js";
import { base64, CRAM, connected, judge, OK, offering, withPassword } from "../support/auth-script.js";
import { ForeignStream } from "../support/foreign-stream.js";
import { plain } from "../support/plain-client.js";
import { ask, close, type Reply } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, closed, rejection, rejects } from "../support/settle.js";

/** The lines from AUTH on, until the next command. */
function authLines(server: ScriptedServer): readonly string[] {
  const start = server.lines.findIndex((line) => line.startsWith("AUTH"));
  const end = server.lines.indexOf("NOOP");
  return start === -1 ? [] : server.lines.slice(start, end === -1 ? undefined : end);
}

acceptance("CRAM-MD5 answers the challenge of RFC 2195", async () => {
  await using server = await ScriptedServer.start(offering("CRAM-MD5", { "CRAM-MD5": OK }));
  await using client = await connected(withPassword(server));
  assert.deepEqual(authLines(server), ["AUTH CRAM-MD5", base64(CRAM.response)]);
  assert.equal(client.isConnected, true);
});

acceptance("PLAIN is one line", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: OK }));
  await using client = await connected(withPassword(server));
  assert.deepEqual(authLines(server), [`AUTH PLAIN ${base64(`\u0000${CRAM.username}\u0000${CRAM.password}`)}`]);
  assert.equal(client.isConnected, true);
});

acceptance("PLAIN answers an empty challenge with the response when the server ignores the initial one", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["AUTH PLAIN"],
    replies: { AUTH: ask("334 ", (line) => (line === base64("\u0000tim\u0000tanstaaftanstaaf") ? OK : "535 no")) },
  });
  await using client = await connected(withPassword(server));
  assert.equal(client.isConnected, true);
});

acceptance("LOGIN gives user name and password", async () => {
  await using server = await ScriptedServer.start(offering("LOGIN", { LOGIN: OK }));
  await using client = await connected(withPassword(server));
  const words = authLines(server).flatMap((line) => line.split(" "));
  assert.deepEqual(words, ["AUTH", "LOGIN", base64(CRAM.username), base64(CRAM.password)]);
  assert.equal(client.isConnected, true);
});

acceptance("LOGIN goes on when the server ignores the initial response", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["AUTH LOGIN"],
    replies: {
      AUTH: ask(`334 ${base64("Username:")}`, (user) =>
        user === base64("tim")
          ? ask(`334 ${base64("Password:")}`, (word) => (word === base64(CRAM.password) ? OK : "535 no"))
          : "535 no",
      ),
    },
  });
  await using client = await connected(withPassword(server));
  assert.equal(client.isConnected, true);
});

acceptance("LOGIN understands prompts in clear text", async () => {
  for (const [user, word] of [
    ["334 Username:", "334 Password:"],
    ["334 Username", "334 Password"],
    ["334 user name please", "334 pass phrase please"],
  ] as const) {
    await using server = await ScriptedServer.start({
      extensions: ["AUTH LOGIN"],
      replies: {
        AUTH: ask(user, (given) =>
          given === base64(CRAM.username)
            ? ask(word, (last) => (last === base64(CRAM.password) ? OK : "535 no"))
            : "535 no",
        ),
      },
    });
    await using client = await connected(withPassword(server));
    assert.equal(client.isConnected, true);
  }
});

acceptance("a server that says 501 to an initial response is asked without one, once", async () => {
  for (const method of ["LOGIN", "PLAIN"]) {
    const verdicts = judge({ LOGIN: OK, PLAIN: OK });
    const replies: Record<string, Reply> = {
      AUTH: (command, connection) =>
        command.argument.includes(" ") || typeof verdicts !== "function"
          ? "501 5.5.2 no argument here"
          : verdicts(command, connection),
    };
    await using server = await ScriptedServer.start({ extensions: [`AUTH ${method}`], replies });
    await using client = await connected(withPassword(server));
    assert.equal(client.isConnected, true);
  }
  await using server = await ScriptedServer.start({ extensions: ["AUTH PLAIN"], replies: { AUTH: "501 5.5.2 never" } });
  const error = await rejects(connected(withPassword(server)), SmtpAuthenticationError);
  assert.deepEqual([error.reply.code, error.retry], [501, "never"]);
  assert.deepEqual(server.lines.filter((line) => line.startsWith("AUTH")).length, 2);
});

acceptance("credentials that are not ASCII go out as UTF-8", async () => {
  const [username, password] = ["jörg", "pÄsswört€"];
  for (const [methods, expected] of [
    ["PLAIN", ["AUTH", "PLAIN", base64(`\u0000${username}\u0000${password}`)]],
    ["LOGIN", ["AUTH", "LOGIN", base64(username), base64(password)]],
  ] as const) {
    await using server = await ScriptedServer.start(offering(methods, { [methods]: OK }));
    await using client = await connected(withPassword(server, { username, password }));
    assert.deepEqual(
      authLines(server).flatMap((line) => line.split(" ")),
      expected,
    );
    assert.equal(client.isConnected, true);
  }
});

acceptance("a credential with NUL is an error, never a different identity", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: OK }));
  await rejection((async () => connected(withPassword(server, { username: "tim\u0000root" })))());
  await rejection((async () => connected(withPassword(server, { password: "a\u0000b" })))());
  assert.ok(!server.verbs.includes("AUTH"));
});

acceptance("of several methods the strongest is taken; authMethods restricts and orders", async () => {
  const everything = { "CRAM-MD5": OK, PLAIN: OK, LOGIN: OK };
  for (const [authMethods, first] of [
    [undefined, "CRAM-MD5"],
    [["PLAIN", "LOGIN"], "PLAIN"],
    [["LOGIN", "PLAIN"], "LOGIN"],
    [["login"], "LOGIN"],
  ] as const) {
    await using server = await ScriptedServer.start(offering("LOGIN PLAIN CRAM-MD5", everything));
    await using client = await connected(withPassword(server, { authMethods }));
    assert.match(authLines(server)[0] ?? "", new RegExp(`^AUTH ${first}`));
    assert.equal(server.verbs.filter((verb) => verb === "AUTH").length, 1);
    assert.equal(client.isConnected, true);
  }
});

acceptance("a token goes out by XOAUTH2, from a string or a function that is called once a connection", async () => {
  const expected = `AUTH XOAUTH2 ${base64("user=u@x.example\u0001auth=Bearer t0ken\u0001\u0001")}`;
  let calls = 0;
  const token = async (): Promise<string> => {
    calls += 1;
    return "t0ken";
  };
  for (const accessToken of ["t0ken", token]) {
    await using server = await ScriptedServer.start(offering("XOAUTH2 PLAIN", { XOAUTH2: OK }));
    await using client = await connected({ ...plain(server), username: "u@x.example", accessToken });
    assert.deepEqual(authLines(server), [expected]);
    await client.noop();
  }
  assert.equal(calls, 1);
});

acceptance("a token function that fails is the error, and no AUTH goes out", async () => {
  await using server = await ScriptedServer.start(offering("XOAUTH2", { XOAUTH2: OK }));
  const cause = new Error("no token today");
  const error = await rejection(
    connected({ ...plain(server), username: "u", accessToken: () => Promise.reject(cause) }),
  );
  assert.ok(error === cause || error.cause === cause, inspect(error));
  await closed(undefined, await server.connection());
  assert.ok(!server.verbs.includes("AUTH"));
});

acceptance("a refused token is answered with an empty line, and the error is the final reply", async () => {
  const refusal = ask(`334 ${base64('{"status":"401","schemes":"bearer"}')}`, () => "535 5.7.8 expired");
  await using server = await ScriptedServer.start(offering("XOAUTH2", { XOAUTH2: refusal }));
  const error = await rejects(
    connected({ ...plain(server), username: "u", accessToken: "t0ken" }),
    SmtpAuthenticationError,
  );
  assert.equal(error.reply.code, 535);
  assert.equal(error.mechanism, "XOAUTH2");
  assert.equal(server.lines[server.lines.findIndex((line) => line.startsWith("AUTH")) + 1], "");
  await closed(undefined, await server.connection());
});

acceptance("535 stops: the same password is not tried twice", async () => {
  await using server = await ScriptedServer.start(
    offering("CRAM-MD5 PLAIN LOGIN", { "CRAM-MD5": "535 5.7.8 wrong password", PLAIN: OK, LOGIN: OK }),
  );
  const error = await rejects(connected(withPassword(server)), SmtpAuthenticationError);
  assert.equal(error.reply.code, 535);
  assert.equal(error.reply.enhancedCode, "5.7.8");
  assert.equal(error.mechanism, "CRAM-MD5");
  assert.equal(error.retry, "never");
  assert.match(error.message, /wrong password/);
  assert.equal(server.verbs.filter((verb) => verb === "AUTH").length, 1);
  await closed(undefined, await server.connection());
  assert.ok(!server.verbs.includes("MAIL"));
});

for (const refusal of ["504 5.5.4 unknown", "534 5.7.9 too weak", "500 what", "502 not here"]) {
  acceptance(`${refusal.slice(0, 3)} tries the next method`, async () => {
    await using server = await ScriptedServer.start({
      extensions: ["AUTH CRAM-MD5 PLAIN"],
      replies: { AUTH: (command) => (command.argument.startsWith("CRAM") ? refusal : OK) },
    });
    await using client = await connected(withPassword(server));
    assert.deepEqual(
      server.lines.filter((line) => line.startsWith("AUTH")).map((line) => line.split(" ")[1]),
      ["CRAM-MD5", "PLAIN"],
    );
    assert.equal(client.isConnected, true);
  });
}

for (const [replies, code, mechanism] of [
  [["534 5.7.9 ask the postmaster", "504 unknown", "504 unknown"], 534, "CRAM-MD5"],
  [["504 unknown", "534 5.7.9 ask the postmaster", "504 unknown"], 534, "PLAIN"],
  [["504 unknown", "535 5.7.8 wrong", "504 unknown"], 535, "PLAIN"],
  [["504 unknown", "504 unknown", "535 5.7.8 wrong"], 535, "LOGIN"],
] as const) {
  acceptance(`of ${replies.map((reply) => reply.slice(0, 3)).join(", ")} the error reports ${code}`, async () => {
    const mechanisms = ["CRAM-MD5", "PLAIN", "LOGIN"];
    await using server = await ScriptedServer.start({
      extensions: [`AUTH ${mechanisms.join(" ")}`],
      replies: { AUTH: (command) => replies[mechanisms.indexOf(command.argument.split(" ")[0] ?? "")] ?? "500 what" },
    });
    const error = await rejects(connected(withPassword(server)), SmtpAuthenticationError);
    assert.equal(error.reply.code, code);
    assert.equal(error.mechanism, mechanism);
    await closed(undefined, await server.connection());
  });
}

acceptance("a challenge that makes no sense is cancelled with a star", async () => {
  for (const challenge of ["334 ???", "334 not base64!"]) {
    await using server = await ScriptedServer.start({
      extensions: ["AUTH CRAM-MD5"],
      replies: { AUTH: ask(challenge, (line) => (line === "*" ? "501 cancelled" : "535 no")) },
    });
    const error = await rejection(connected(withPassword(server)));
    assert.ok(error instanceof SmtpError, inspect(error));
    assert.ok(server.lines.includes("*"), server.lines.join("\n"));
    await closed(undefined, await server.connection());
  }
});

acceptance("a server that leaves during AUTH is a disconnection in phase auth", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: close }));
  const error = await rejection(connected(withPassword(server)));
  assert.ok(error instanceof SmtpError);
  assert.equal(error.code, "disconnected");
  assert.equal(error.phase, "auth");
  await closed(undefined, await server.connection());
});

acceptance("AUTH that is not offered is an error with a hint at TLS", async () => {
  await using server = await ScriptedServer.start();
  const error = await rejects(connected(withPassword(server)), SmtpNotSupportedError);
  assert.equal(error.extension, "AUTH");
  assert.match(error.message, /TLS/);
  await closed(undefined, await server.connection());
  assert.ok(!server.verbs.includes("AUTH"));
});

acceptance("no common method is an error that lists both sides", async () => {
  for (const [authMethods, offered] of [
    [["CRAM-MD5"], "PLAIN LOGIN"],
    [undefined, "GSSAPI NTLM"],
  ] as const) {
    await using server = await ScriptedServer.start(offering(offered, {}));
    const error = await rejection(connected(withPassword(server, { authMethods })));
    assert.ok(error instanceof SmtpError, inspect(error));
    for (const method of [...offered.split(" "), "CRAM-MD5"]) assert.ok(error.message.includes(method), error.message);
    await closed(undefined, await server.connection());
    assert.ok(!server.verbs.includes("AUTH"));
  }
});

acceptance("an unknown name in authMethods is an argument error", async () => {
  await using server = await ScriptedServer.start();
  for (const authMethods of [["PLAIN\r\nQUIT"], [""], [], ["NOSUCH"]]) {
    const error = await rejection((async () => connected(withPassword(server, { authMethods })))());
    assert.ok(error instanceof SmtpError, inspect(error));
    assert.equal(error.code, "option");
  }
  assert.equal(server.connections.length, 0);
});

acceptance("I: login by hand", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN LOGIN", { PLAIN: OK, LOGIN: "535 no" }));
  await using client = await SmtpClient.connect(plain(server));
  assert.equal((await client.login("tim", "tanstaaf")).code, 235);
  assert.deepEqual(server.verbs, ["EHLO", "AUTH"]);
});

acceptance("I: a login by hand that fails leaves the session usable", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: "535 5.7.8 no" }));
  await using client = await SmtpClient.connect(plain(server));
  const error = await rejects(client.login("tim", "wrong"), SmtpAuthenticationError);
  assert.equal(error.reply.code, 535);
  assert.equal((await client.noop()).code, 250);
});

/** Options of a client that logs in by itself. */
const byHand = (
  server: ScriptedServer,
  authenticate: Authenticate,
  more: ConnectionOptions = {},
): ConnectionOptions => ({
  ...plain(server),
  authenticate,
  ...more,
});

acceptance("a mechanism of the caller's own sends AUTH and its responses, and no trace shows them", async () => {
  await using server = await ScriptedServer.start({
    extensions: ["AUTH X-OWN", "SIZE 5000"],
    replies: {
      AUTH: ask(`334 ${base64("who?")}`, () => ask("334 ", (line) => (line === base64("secret") ? OK : "535 no"))),
    },
  });
  const traced: string[] = [];
  const seen: unknown[] = [];
  await using client = await connected(
    byHand(
      server,
      async ({ authMethods, extensions, send }) => {
        seen.push(authMethods, extensions.get("SIZE"), (await send("AUTH X-OWN")).message);
        await send(base64("ann"));
        seen.push((await send(base64("secret"))).code);
      },
      { trace: (event) => "line" in event && traced.push(event.line) },
    ),
  );
  assert.equal(client.isConnected, true);
  assert.deepEqual(seen, [["X-OWN"], "5000", base64("who?"), 235]);
  assert.deepEqual(authLines(server), ["AUTH X-OWN", base64("ann"), base64("secret")]);
  assert.ok(!traced.join().includes(base64("secret")), traced.join());
});

acceptance(
  "a mechanism of the caller's own that fails, sends what is no AUTH, or gives up, ends the connection",
  async () => {
    const cause = new Error("no card in the reader");
    for (const [authenticate, expected] of [
      [({ send }) => send("AUTH X-OWN"), SmtpAuthenticationError],
      [({ send }) => send("AUTH X-OWN\r\nRSET"), OptionError],
      [({ send }) => send("RSET"), OptionError],
      [() => Promise.reject(cause), Error],
      [() => new Promise(() => undefined), SmtpTimeoutError],
    ] as readonly (readonly [Authenticate, new (...parameters: never) => Error])[]) {
      await using server = await ScriptedServer.start({
        extensions: ["AUTH X-OWN"],
        replies: { AUTH: "535 5.7.8 no" },
      });
      const client = new SmtpClient(byHand(server, authenticate, { timeout: { auth: 50 } }));
      const error = await rejection(client.connect());
      assert.ok(error instanceof expected, String(error));
      await closed(client, await server.connection());
      assert.ok(!server.verbs.includes("RSET") && !server.verbs.includes("MAIL"));
    }
  },
);

acceptance("a mechanism of the caller's own may leave the login to the password", async () => {
  await using server = await ScriptedServer.start(offering("PLAIN", { PLAIN: OK }));
  await using client = await connected({ ...withPassword(server), authenticate: () => false });
  assert.equal(client.isConnected, true);
  assert.match(authLines(server)[0] ?? "", /^AUTH PLAIN /);
});

acceptance("over clear text to another machine a mechanism of the caller's own is not even called", async () => {
  await using server = await ScriptedServer.start({ extensions: ["AUTH X-OWN"] });
  let isCalled = false;
  const authenticate = (): void => {
    isCalled = true;
  };
  const socket = (): Promise<Duplex> => ForeignStream.open(server.address.port);
  const options = { ...byHand(server, authenticate), hostname: "mx.example", port: undefined, socket };
  const error = await rejects(new SmtpClient(options).connect(), SmtpTlsError);
  assert.equal(error.reason, "PLAINTEXT_AUTH");
  assert.equal(isCalled, false);
});
