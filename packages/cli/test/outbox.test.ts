import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { type Outbox, openOutbox } from "@postrider/outbox";
import { type Finished, finished, folder, postrider, start } from "./support/command.js";
import { onPosix } from "./support/system.js";

const MAIL = { from: "shop@example.org", to: "alice@example.com", subject: "Thank you", text: "It is on its way." };
const NO_SUCH_ID = "00000000-0000-7000-8000-000000000000";

interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: (...args: readonly string[]) => Promise<Finished>;
}

function shell(t: TestContext): Shell {
  const cwd = folder(t);
  const env = { POSTRIDER_DATABASE: "file:mail.db" };
  return { cwd, env, command: (...args) => postrider(["outbox", ...args], { cwd, env }) };
}

/** The same with tables, and an outbox on them. */
async function shellWithTables(t: TestContext): Promise<Shell & { readonly outbox: Outbox }> {
  const there = shell(t);
  const outbox = await openOutbox({ database: `file:${there.cwd}/mail.db` });
  t.after(() => outbox.close());
  return { ...there, outbox };
}

test("migrate makes the tables; what is owed is listed, delivered by run, and shown with its events", async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const { cwd, command } = shell(t);
  assert.equal((await command("migrate")).code, 0);
  const outbox = await openOutbox({ database: `file:${cwd}/mail.db` });
  const { id } = await outbox.enqueue(MAIL, { tags: { order: "7" } });
  await outbox.close();

  for (const filter of [
    ["--state", "waiting"],
    ["--recipient", "ALICE@example.com"],
    ["--domain", "example.com"],
    ["--tag", "order=7"],
    ["--after", "2020-01-01"],
  ])
    assert.match((await command("list", ...filter)).stdout, new RegExp(`^${id} .* waiting +alice@example\\.com\n$`));
  for (const filter of [
    ["--state", "failed"],
    ["--tag", "order=8"],
    ["--before", "2020-01-01T00:00Z"],
  ])
    assert.equal((await command("list", ...filter)).stdout, "");
  const ran = await command(
    "run",
    "--until-empty",
    "--server",
    `smtp://127.0.0.1:${inbox.smtpPort}`,
    "--rate",
    "100/s",
  );
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(inbox.messages.length, 1);
  const shown = JSON.parse((await command("show", id, "--json")).stdout);
  assert.equal(shown.state, "delivered");
  assert.deepEqual(
    shown.events.map(({ type }: { type: string }) => type),
    ["enqueued", "accepted"],
  );
  const lines = (await command("show", id)).stdout;
  for (const text of [
    /^state +delivered$/m,
    /^tags +order=7$/m,
    /^alice@example\.com: accepted, 1 attempt: 250 /m,
    / accepted .* 250 /,
  ])
    assert.match(lines, text);
  assert.equal(JSON.parse((await command("stats", "--json")).stdout).messages.delivered, 1);
  assert.equal((await command("cancel", id)).code, 65);
  assert.equal((await command("retry", id)).code, 65);
  assert.equal((await command("purge", "--before", "2100-01-01")).stdout, "Deleted the content of 1 message\n");
});

test("migrate --print is SQL, and needs no database", async () => {
  const { code, stdout } = await postrider(["outbox", "migrate", "--print", "postgres", "--schema", "mail"]);
  assert.equal(code, 0);
  assert.match(stdout, /^CREATE SCHEMA IF NOT EXISTS "mail";\n/);
});

test("a database that is not named, or is none, is a fault of usage", async () => {
  assert.equal((await postrider(["outbox", "stats"])).code, 64);
  for (const [args, env, by] of [
    [["--database", "mysql://u:secret@h/db"], {}, "--database:"],
    [[], { POSTRIDER_DATABASE: "mysql://u:secret@h/db" }, "POSTRIDER_DATABASE:"],
  ] as const) {
    const { code, stderr } = await postrider(["outbox", "stats", ...args], { env });
    assert.equal(code, 64);
    assert.ok(stderr.includes(by), stderr);
    assert.ok(!stderr.includes("secret"));
  }
});

test("a file that is not there is an error, and is not made; one without tables says how to make them", async (t) => {
  const { cwd, command } = shell(t);
  for (const args of [["stats"], ["list"], ["run", "--server", "smtp://127.0.0.1:1"]]) {
    const { code, stderr } = await command(...args);
    assert.equal(code, 66);
    assert.match(stderr, /POSTRIDER_DATABASE: the file .*mail\.db does not exist; run "postrider outbox migrate"/);
  }
  assert.equal(existsSync(join(cwd, "mail.db")), false);
  writeFileSync(join(cwd, "mail.db"), "");
  const empty = await command("stats");
  assert.equal(empty.code, 69);
  assert.match(
    empty.stderr,
    /the outbox tables of this database are missing or outdated: run "postrider outbox migrate"/,
  );
  assert.equal((await command("migrate", "--database", "file:nowhere/mail.db")).code, 66);
  writeFileSync(
    join(cwd, "other.db"),
    "This is no database, but a text that is long enough to be read as one.".repeat(20),
  );
  assert.equal((await command("stats", "--database", "file:other.db")).code, 75);
});

test("bad input names the option", async (t) => {
  const { command } = await shellWithTables(t);
  for (const [args, name] of [
    [["show", "7"], "<id>"],
    [["cancel", "7"], "<id>"],
    [["retry", "7"], "<id>"],
    [["resolve", "7", "--as", "sent"], "<id>"],
    [["resolve", NO_SUCH_ID, "--as", "lost"], "--as"],
    [["resolve", NO_SUCH_ID], "--as"],
    [["list", "--state", "lost"], "--state"],
    [["list", "--tag", "order"], "--tag"],
    [["list", "--limit", "0"], "--limit"],
    [["list", "--order", "up"], "--order"],
    [["list", "--before", "yesterday"], "--before"],
    [["list", "--after", "2026-02-30"], "--after"],
    [["list", "--domain", ""], "--domain"],
    [["list", "--key", ""], "--key"],
    [["list", "--schema", "A;"], "--schema"],
    [["events", "--after", "x"], "--after"],
    [["events", "--type", "lost"], "--type"],
    [["pause", "--reason", ""], "--reason"],
    [["suppress", "a@example.com", "--reason", ""], "--reason"],
    [["purge"], "--before"],
    [["purge", "--before", "1"], "--before"],
    [["migrate", "--print", "mysql"], "--print"],
    [["run", "--server", "smtp://h", "--rate", "fast"], "--rate"],
    [["run", "--server", "smtp://h", "--connections", "0"], "--connections"],
  ] as const) {
    const { code, stderr } = await command(...args);
    assert.equal(code, 64, args.join(" "));
    assert.ok(stderr.includes(name), `${args.join(" ")}: ${stderr}`);
  }
  for (const [args, name] of [
    [["suppress", "oops"], "<address>"],
    [["list", "--recipient", "oops"], "--recipient"],
    [["resolve", NO_SUCH_ID, "--as", "sent", "--recipient", "oops"], "--recipient"],
  ] as const) {
    const { code, stderr } = await command(...args);
    assert.equal(code, 65, args.join(" "));
    assert.ok(stderr.includes(`${name}: `), stderr);
  }
});

test("a message that is not there is 66; with --json the error is JSON with its code", async (t) => {
  const { command } = await shellWithTables(t);
  for (const args of [["show"], ["cancel"], ["retry"], ["resolve", "--as", "sent"]]) {
    const [name = "", ...rest] = args;
    const { code, stdout } = await command(name, NO_SUCH_ID, ...rest, "--json");
    assert.equal(code, 66, name);
    assert.ok(JSON.parse(stdout).error.message.includes(NO_SUCH_ID));
  }
  for (const name of ["retry", "show", "cancel"])
    assert.equal(JSON.parse((await command(name, NO_SUCH_ID, "--json")).stdout).error.code, "not-found", name);
});

test("every command says with --json what it did", async (t) => {
  const { command, outbox } = await shellWithTables(t);
  const { id } = await outbox.enqueue(MAIL);
  const said = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse((await command(...args, "--json")).stdout);
  assert.deepEqual(await said("migrate"), { tables: "up to date" });
  assert.deepEqual(await said("pause", "--reason", "a look"), { paused: true });
  assert.match((await command("stats")).stdout, /^paused +person: a look$/m);
  assert.deepEqual(await said("resume"), { paused: false });
  assert.deepEqual(await said("suppress", "bob@example.com"), { address: "bob@example.com", suppressed: true });
  assert.equal(((await said("suppressions")) as { address: string }[])[0]?.address, "bob@example.com");
  assert.match((await command("suppressions")).stdout, /^\S+Z {2}bob@example\.com\n$/);
  assert.deepEqual(await said("suppress", "bob@example.com", "--remove"), {
    address: "bob@example.com",
    suppressed: false,
  });
  assert.equal(((await said("retry", id)) as { state: string }).state, "waiting");
  assert.equal(((await said("cancel", id)) as { state: string }).state, "cancelled");
  assert.deepEqual(await said("purge", "--before", "2100-01-01"), { messages: 1 });
  assert.equal(((await said("list")) as unknown[]).length, 1);
});

test(
  "events are printed in order, a line each, from a place on; --follow goes on until it is told to end",
  onPosix,
  async (t) => {
    const { cwd, env, command, outbox } = await shellWithTables(t);
    const first = await outbox.enqueue(MAIL);
    await outbox.cancel(first.id);
    const lines = (await command("events", "--json")).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ type }) => type),
      ["enqueued", "cancelled"],
    );
    assert.match(
      (await command("events", "--after", lines[0].id)).stdout,
      /^\S+ {2}cancelled .*alice@example\.com.*\n$/,
    );
    assert.match(
      (await command("events", "--type", "enqueued", "--type", "refused")).stdout,
      /^\S+ {2}enqueued [^\n]*\n$/,
    );
    const following = start(["outbox", "events", "--follow", "--after", lines[1].id], { cwd, env });
    const done = finished(following);
    const { id } = await outbox.enqueue(MAIL);
    following.stdout?.once("data", () => following.kill("SIGINT"));
    const { code, stdout } = await done;
    assert.equal(code, 0);
    assert.ok(stdout.includes(id));
  },
);

test("show --source of a long message into a pipe whose reader stops early ends without a word", onPosix, async (t) => {
  const { cwd, env, outbox } = await shellWithTables(t);
  const attachments = [{ filename: "a.bin", content: Buffer.alloc(4 * 1024 * 1024) }];
  const { id } = await outbox.enqueue({ ...MAIL, attachments });
  const child = start(["outbox", "show", id, "--source"], { cwd, env });
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await finished(child);
  assert.deepEqual([code, stderr], [0, ""]);
});

test("show --source is the message as it is sent; purge forgets as much as it is told", async (t) => {
  const { command, outbox } = await shellWithTables(t);
  const { id } = await outbox.enqueue(MAIL);
  const { code, stdout } = await command("show", id, "--source");
  assert.equal(code, 0);
  assert.match(stdout, /^(?:.*\r\n)*Subject: Thank you\r\n(?:.*\r\n)*\r\nIt is on its way\./);
  assert.equal((await command("show", id, "--source", "--json")).code, 64);
  assert.equal((await command("show", NO_SUCH_ID, "--source")).code, 66);
  await outbox.cancel(id);
  assert.equal((await command("purge", "--before", "2100-01-01")).code, 0);
  assert.equal((await command("show", id, "--source")).code, 65);
  assert.equal((await command("purge", "--before", "2100-01-01", "--events", "--messages")).code, 0);
  assert.equal((await command("show", id)).code, 66);
});

test("list says when there is more than it shows", async (t) => {
  const { command, outbox } = await shellWithTables(t);
  for (let number = 0; number < 3; number += 1) await outbox.enqueue(MAIL);
  const part = await command("list", "--limit", "2");
  assert.equal(part.stdout.trim().split("\n").length, 2);
  assert.match(part.stderr, /The newest 2 are shown; --limit shows more, --before older ones/);
  assert.equal((await command("list", "--limit", "3")).stderr, "");
  const newest = (await command("list")).stdout.trim().split("\n");
  assert.deepEqual((await command("list", "--order", "oldest")).stdout.trim().split("\n"), newest.toReversed());
  assert.match((await command("list", "--order", "oldest", "--limit", "1")).stderr, /The oldest 1 are shown/);
});

test("run ends by a signal with what is under way settled, and with 75 when the relay is away", onPosix, async (t) => {
  await using inbox = await startInbox({ smtpPort: 0, webPort: false });
  const { cwd, env, command, outbox } = await shellWithTables(t);
  const { id } = await outbox.enqueue(MAIL);
  const away = await command("run", "--until-empty", "--server", "smtp://127.0.0.1:1");
  assert.equal(away.code, 75, away.stderr);
  assert.match(away.stderr, /The outbox is paused: /);
  await outbox.resume();
  const child = start(["outbox", "run", "--server", `smtp://127.0.0.1:${inbox.smtpPort}`], { cwd, env });
  const done = finished(child);
  await inbox.waitFor(() => true, { timeout: 120_000 });
  child.kill("SIGTERM");
  const { code, stdout } = await done;
  assert.equal(code, 0);
  assert.equal(stdout, "1 attempt\n");
  assert.equal((await outbox.get(id))?.state, "delivered");
});
