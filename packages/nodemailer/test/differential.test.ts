/**
 * What both libraries make of the same messages, as a server gets it and two parsers read it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import real from "nodemailer";
import { createTransport } from "../src/index.js";
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
