import assert from "node:assert/strict";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { openOutbox } from "@postrider/outbox";
import { folder, postrider } from "./support/command.js";

const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." };

test("migrate makes the tables; what is owed is listed, delivered by run, and shown with its events", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const cwd = folder(t);
  const env = { POSTRIDER_DATABASE: "file:mail.db" };
  const command = (...args: readonly string[]) => postrider(["outbox", ...args], { cwd, env });
  const missing = await command("stats");
  assert.equal(missing.code, 69, missing.stderr);
  assert.equal((await command("migrate")).code, 0);
  const outbox = await openOutbox({ database: `file:${cwd}/mail.db` });
  const { id } = await outbox.enqueue(MAIL);
  await outbox.close();

  assert.match(
    (await command("list", "--state", "waiting")).stdout,
    new RegExp(`^${id} .* waiting +alice@example\\.com\n$`),
  );
  const ran = await command("run", "--until-empty", "--server", `smtp://127.0.0.1:${inbox.smtpPort}`);
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(inbox.messages.length, 1);
  const shown = JSON.parse((await command("show", id, "--json")).stdout);
  assert.equal(shown.state, "delivered");
  assert.deepEqual(
    shown.events.map(({ type }: { type: string }) => type),
    ["enqueued", "accepted"],
  );
  assert.equal(JSON.parse((await command("stats", "--json")).stdout).messages.delivered, 1);
  assert.equal((await command("cancel", id)).code, 65);
  assert.equal((await command("retry", id)).code, 65);
  assert.equal((await command("show", "00000000-0000-7000-8000-000000000000")).code, 66);
  assert.equal((await command("purge", "--before", "2100-01-01")).stdout, "1 messages lost their content\n");
});

test("migrate --print is SQL, and needs no database", async () => {
  const { code, stdout } = await postrider(["outbox", "migrate", "--print", "postgres", "--schema", "mail"]);
  assert.equal(code, 0);
  assert.match(stdout, /^CREATE SCHEMA IF NOT EXISTS "mail";\n/);
});

test("a database that is not named, or is none, is a fault of usage", async () => {
  assert.equal((await postrider(["outbox", "stats"])).code, 64);
  const { code, stderr } = await postrider(["outbox", "stats", "--database", "mysql://u:secret@h/db"]);
  assert.equal(code, 64);
  assert.ok(!stderr.includes("secret"));
});
