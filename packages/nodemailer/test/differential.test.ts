/**
 * What both libraries make of the same messages, as a server gets it and two parsers read it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import real from "nodemailer";
import { createTransport } from "../src/index.js";
import { randomMessage, randomOptions } from "./support/random-shapes.js";
import { type ReadMessage, readMessage } from "./support/read-message.js";
import { startServer } from "./support/recording-server.js";
import { SHAPES } from "./support/shapes.js";

const FIELDS = new Map([
  ["messageId", "message-id"],
  ["date", "date"],
]);

for (const isPool of [false, true]) {
  test(`messages arrive as they do from nodemailer, ${isPool ? "through a pool" : "one by one"}`, async (t) => {
    await using server = await startServer();
    const options = { host: "127.0.0.1", port: server.port, ignoreTLS: true };
    const theirs = real.createTransport({ ...options, pool: isPool } as never);
    const ours = createTransport({ ...options, pool: isPool } as never);
    // The server waits 100 ms before each greeting: what a message holds is compared in a pool.
    const shapes = SHAPES.filter((_, index) => isPool || index % 12 === 0);
    for (const { name, message, row } of shapes) {
      await t.test(name, async () => {
        const keeps = [...FIELDS].flatMap(([field, key]) => (field in message() ? [key] : []));
        const arrive = async (transporter: { sendMail(data: never): Promise<unknown> }): Promise<ReadMessage> => {
          await transporter.sendMail(message() as never);
          const arrived = server.arrived.pop();
          assert.ok(arrived);
          return readMessage(arrived, keeps);
        };
        const expected = await arrive(theirs);
        const actual = await arrive(ours);
        if (row === undefined) assert.deepEqual(actual, expected);
        else assert.notDeepEqual(actual, expected);
      });
    }
    theirs.close();
    ours.close();
  });
}

/** As many random messages as are compared; POSTRIDER_SHAPES asks for more, POSTRIDER_SHAPE for one by its number. */
const COUNT = Number(process.env["POSTRIDER_SHAPES"] ?? 300);
const ONLY = process.env["POSTRIDER_SHAPE"];

test(`${COUNT} random messages arrive as they do from nodemailer`, async () => {
  await using server = await startServer();
  const options = { host: "127.0.0.1", port: server.port, ignoreTLS: true, pool: true };
  const theirs = real.createTransport(options as never);
  const ours = createTransport(options as never);
  const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, index) => index) : [Number(ONLY)];
  const differences: string[] = [];
  for (const number of numbers) {
    const message = randomMessage(number);
    const keeps = [...FIELDS].flatMap(([field, key]) => (field in message() ? [key] : []));
    const arrive = async (transporter: { sendMail(data: never): Promise<unknown> }): Promise<unknown> => {
      const failed = await transporter.sendMail(message() as never).then(
        () => undefined,
        ({ code, message: text }: { code?: string; message: string }) => `${code}: ${text}`,
      );
      const arrived = server.arrived.pop();
      return arrived === undefined ? failed : readMessage(arrived, keeps);
    };
    const expected = await arrive(theirs);
    const actual = await arrive(ours);
    try {
      assert.deepEqual(actual, expected);
    } catch (error) {
      differences.push(
        `${number}: ${inspect(message(), { depth: 4, breakLength: 160 }).slice(0, 700)}\n${(error as Error).message.slice(0, 900)}`,
      );
    }
  }
  theirs.close();
  ours.close();
  assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 8).join("\n\n")}`);
});

/** As many random sets of options as are compared. */
const SETS = Number(process.env["POSTRIDER_OPTIONS"] ?? 100);

test(`${SETS} random sets of options lead to the same login, the same greeting and the same outcome`, async () => {
  let told: unknown[] = [];
  let isNamed = false;
  await using server = await startServer({
    mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
    answer: (step, { clientName }) => {
      if (step.step === "mail") told.push(clientName);
      if (!("login" in step) || step.login === undefined) return undefined;
      const { mechanism, username } = step.login;
      const isRight = step.login.proves("right");
      // Without a name for it, each library takes the mechanism that it holds to be the best.
      told.push(isNamed ? mechanism : "any", username, isRight, clientName);
      return isRight ? undefined : { code: 535, text: "wrong" };
    },
  });
  const outcomeOf = async (library: { createTransport(options: never): unknown }, number: number): Promise<unknown> => {
    told = [];
    const options = randomOptions(number, server.port);
    isNamed = Boolean(options["authMethod"] || (options["auth"] as { method?: string } | undefined)?.method);
    let code: unknown = "sent";
    try {
      const transporter = library.createTransport(options as never) as {
        sendMail(data: never): Promise<unknown>;
        close(): void;
      };
      await transporter.sendMail({ from: "a@example.org", to: "b@example.com", text: "x" } as never).catch((error) => {
        code = error.code;
      });
      transporter.close();
    } catch (error) {
      code = `thrown ${(error as { code?: string }).code}`;
    }
    const named = typeof options["name"] === "string";
    return {
      code,
      told: told.filter((one) => named || typeof one !== "string" || !one.includes(".")),
      arrived: server.arrived.splice(0).length,
    };
  };
  const differences: string[] = [];
  for (let start = 0; start < SETS; start++) {
    if (isEmptyLoginInPool(randomOptions(start, 0))) continue;
    const expected = await outcomeOf(real as never, start);
    const actual = await outcomeOf({ createTransport } as never, start);
    try {
      assert.deepEqual(actual, expected);
    } catch {
      differences.push(
        `${start}: ${inspect(randomOptions(start, 0), { breakLength: 160 })}\n  nodemailer ${inspect(expected)}\n  here ${inspect(actual)}`,
      );
    }
  }
  assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 12).join("\n")}`);
});

/** A row of the page: nodemailer's pools send without a login then. */
function isEmptyLoginInPool({ pool, auth }: Record<string, unknown>): boolean {
  const { user, pass } = (auth ?? { user: "none", pass: "none" }) as { user?: string; pass?: string };
  return pool === true && !(user && pass);
}
