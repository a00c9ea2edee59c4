import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "../../src/connection/open-connection.js";
import { connectionOptions } from "../../src/options/connection-options.js";
import { ScriptedServer } from "../support/scripted-server.js";

test("an error between connecting and the greeting leaves no socket open", async () => {
  await using server = await ScriptedServer.start();
  const cause = new Error("unexpected");
  const options = Object.defineProperty({ ...connectionOptions(server.address) }, "deliveryTimeout", {
    get: () => {
      throw cause;
    },
  });
  await assert.rejects(openConnection(options), cause);
  await (await server.connection()).ended;
});
