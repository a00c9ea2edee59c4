/**
 * `customAuth`: mechanisms of the program's own, with nodemailer and here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import real from "nodemailer";
import ours from "../src/index.js";
import type { CustomAuthContext } from "../src/types.js";
import { failure } from "./support/failure.js";
import { startServer } from "./support/recording-server.js";

type Handler = (context: CustomAuthContext) => unknown;
type Library = { createTransport(options: never): { sendMail(data: never): Promise<unknown>; close(): void } };

const LIBRARIES = { nodemailer: real, here: ours } as unknown as Readonly<Record<string, Library>>;
const MESSAGE = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hi" };

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** AUTH LOGIN, step by step. */
const login: Handler = async ({ auth, sendCommand }) => {
  const { user, pass } = auth.credentials;
  const steps = ["AUTH LOGIN", base64(user), base64(pass)];
  let last = { status: 0, text: "" };
  for (const step of steps) last = await sendCommand(step);
  if (last.status !== 235) throw new Error(`no: ${last.text}`);
};

async function startGuarded() {
  const seen: string[] = [];
  const server = await startServer({
    auth: "required",
    mechanisms: ["LOGIN", "PLAIN"],
    answer: (step) => {
      if (!("login" in step) || step.login === undefined) return undefined;
      const { mechanism, username, secret } = step.login;
      seen.push(`${mechanism} ${username} ${secret}`);
      return secret === "right" ? undefined : { code: 535, text: "wrong password" };
    },
  });
  return { seen, server };
}

for (const [name, library] of Object.entries(LIBRARIES)) {
  for (const pool of [false, true]) {
    test(`${name}: a handler logs in by commands of its own, ${pool ? "in a pool" : "for one message"}`, async () => {
      const { seen, server } = await startGuarded();
      const contexts: CustomAuthContext[] = [];
      const transporter = library.createTransport({
        host: "127.0.0.1",
        port: server.port,
        pool,
        auth: { type: "custom", method: "my-login", user: "ann", pass: "right", options: { domain: "x" } },
        customAuth: {
          "MY-LOGIN": (context: CustomAuthContext) => {
            contexts.push(context);
            return login(context);
          },
        },
      } as never);
      await transporter.sendMail(MESSAGE as never);
      assert.deepEqual(seen, ["LOGIN ann right"]);
      const [{ auth, method, authMethods, extensions, maxAllowedSize } = {} as CustomAuthContext] = contexts;
      assert.equal(method, "MY-LOGIN");
      assert.deepEqual(auth.credentials, { user: "ann", pass: "right", options: { domain: "x" } });
      assert.deepEqual([...authMethods].sort(), ["LOGIN", "PLAIN"]);
      assert.ok(extensions.includes("8BITMIME"));
      assert.equal(maxAllowedSize, false);
      transporter.close();
      await server[Symbol.asyncDispose]();
    });
  }

  test(`${name}: a handler may settle by resolve, and send with a callback`, async () => {
    const { seen, server } = await startGuarded();
    const transporter = library.createTransport({
      host: "127.0.0.1",
      port: server.port,
      auth: { user: "ann", pass: "right" },
      customAuth: {
        plain({ auth, sendCommand, resolve, reject }: CustomAuthContext) {
          const { user, pass } = auth.credentials;
          sendCommand(`AUTH PLAIN ${base64(`\0${user}\0${pass}`)}`, (error, response) => {
            if (error || response.status !== 235) reject(error ?? response.text);
            else resolve();
          });
        },
      },
    } as never);
    await transporter.sendMail(MESSAGE as never);
    assert.deepEqual(seen, ["PLAIN ann right"]);
    await server[Symbol.asyncDispose]();
  });

  test(`${name}: a handler for another mechanism leaves the login as it was`, async () => {
    const { seen, server } = await startGuarded();
    const transporter = library.createTransport({
      host: "127.0.0.1",
      port: server.port,
      auth: { user: "ann", pass: "right" },
      customAuth: { OTHER: () => assert.fail("not asked for") },
    } as never);
    await transporter.sendMail(MESSAGE as never);
    assert.equal(seen.length, 1);
    await server[Symbol.asyncDispose]();
  });

  test(`${name}: a refusal is an EAUTH with the mechanism, the reply and the handler's words`, async () => {
    const { server } = await startGuarded();
    for (const pool of [false, true]) {
      const transporter = library.createTransport({
        host: "127.0.0.1",
        port: server.port,
        pool,
        auth: { type: "custom", method: "X", user: "ann", pass: "wrong" },
        customAuth: { X: login },
      } as never);
      const error = await failure(transporter.sendMail(MESSAGE as never));
      assert.deepEqual([error.code, error.command, error.responseCode], ["EAUTH", "AUTH X", 535]);
      assert.match(error.message, /no: wrong password/);
      transporter.close();
    }
    assert.equal(server.arrived.length, 0);
    await server[Symbol.asyncDispose]();
  });
}

test("what a handler sends is AUTH and its responses, and nothing else", async () => {
  const { server } = await startGuarded();
  for (const command of ["MAIL FROM:<a@b.c>", "AUTH PLAIN\r\nRSET", "AUTH"]) {
    const transporter = ours.createTransport({
      host: "127.0.0.1",
      port: server.port,
      auth: { type: "custom", method: "X", user: "ann", pass: "right" },
      customAuth: { X: ({ sendCommand }) => sendCommand(command) },
    });
    const error = await failure(transporter.sendMail(MESSAGE));
    assert.deepEqual([error.code, error.command], ["EAUTH", "AUTH X"], command);
  }
  await server[Symbol.asyncDispose]();
});
