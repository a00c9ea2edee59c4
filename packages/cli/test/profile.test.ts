import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { folder, postrider } from "./support/command.js";
import { printing } from "./support/secret.js";
import { assertPrivate, onLinux, onPosix } from "./support/system.js";
import { Terminal } from "./support/terminal.js";

/** A place for profiles that is not there yet. */
function place(t: TestContext): { readonly file: string; readonly env: Record<string, string> } {
  const file = join(folder(t), "config", "profiles.json");
  return { file, env: { POSTRIDER_PROFILES: file } };
}

const read = (file: string): Record<string, Record<string, unknown>> => JSON.parse(readFileSync(file, "utf8"));

test("a profile of a provider has its server, its way into TLS and its user; the file is private", async (t) => {
  const { file, env } = place(t);
  const secret = { ...env, POSTRIDER_PASSWORD: "key" };
  for (const args of [
    ["gmail", "--provider", "Gmail", "--user", "ann@gmail.com"],
    ["grid", "--provider", "sendgrid", "--from", "shop@example.org"],
    ["aws", "--provider", "ses", "--region", "eu-west-1", "--user", "AKIA"],
  ]) {
    const { code, stderr } = await postrider(["profile", "add", ...args], { env: secret });
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`to test it: postrider check --profile ${args[0]}`));
  }
  assertPrivate(file);
  const { gmail, grid, aws } = read(file);
  assert.deepEqual(gmail, {
    url: "smtps://smtp.gmail.com:465",
    username: "ann@gmail.com",
    password: "key",
    from: "ann@gmail.com",
  });
  assert.equal(grid?.["username"], "apikey");
  assert.match(String(grid?.["url"]), /^smtps?:\/\/smtp\.sendgrid\.net:\d+/);
  assert.match(String(aws?.["url"]), /eu-west-1/);
  assert.equal(aws?.["from"], undefined);
});

test("a profile sends; its password may come from a command, and then is nowhere in the file", onPosix, async (t) => {
  const { file, env } = place(t);
  await using inbox = await startInbox({
    smtpPort: 0,
    webPort: false,
    auth: { username: "ann@example.org", password: "s3cret-pass" },
  });
  const server = ["--server", `127.0.0.1:${inbox.smtpPort}`, "--user", "ann@example.org"];
  const command = ["--password-command", `${printing("s3cret")} | sed s/$/-pass/`];
  assert.equal((await postrider(["profile", "add", "work", ...server, ...command], { env })).code, 0);
  assert.ok(!readFileSync(file, "utf8").includes("s3cret-pass"));
  const { code, stderr } = await postrider(["send", "-p", "work", "--subject", "x", "--text", "x", "bob@example.com"], {
    env,
  });
  assert.equal(code, 0, stderr);
  assert.equal(inbox.messages[0]?.from?.address, "ann@example.org");
});

test("list and show tell no secret; remove forgets", async (t) => {
  const { file, env } = place(t);
  const secret = { ...env, POSTRIDER_PASSWORD: "s3cret" };
  await postrider(["profile", "add", "a", "--server", "smtp://u:inurl@mail.example.org", "--from", "x@example.org"], {
    env,
  });
  await postrider(["profile", "add", "b", "--provider", "fastmail", "--user", "ann@fastmail.com"], { env: secret });
  const list = await postrider(["profile", "list"], { env });
  assert.equal(list.stdout, "a  smtp://mail.example.org  u\nb  smtps://smtp.fastmail.com:465  ann@fastmail.com\n");
  const shown = await postrider(["profile", "show", "a", "--json"], { env });
  assert.deepEqual(JSON.parse(shown.stdout), {
    name: "a",
    url: "smtp://mail.example.org",
    username: "u",
    from: "x@example.org",
    login: "password",
  });
  assert.doesNotMatch(list.stdout + shown.stdout, /s3cret|inurl/);
  assert.equal((await postrider(["profile", "remove", "a"], { env })).code, 0);
  assert.deepEqual(Object.keys(read(file)), ["b"]);
  assert.equal((await postrider(["profile", "show", "a"], { env })).code, 64);
});

test(
  "a profile is replaced only when that is asked for, and never in a file that is open to others",
  onPosix,
  async (t) => {
    const { file, env } = place(t);
    const add = ["profile", "add", "work", "--server", "mail.example.org", "--from", "a@example.org"];
    assert.equal((await postrider(add, { env })).code, 0);
    const again = await postrider(add, { env });
    assert.equal(again.code, 64);
    assert.match(again.stderr, /the profile work already exists; use --replace/);
    assert.equal((await postrider([...add, "--replace"], { env })).code, 0);
    chmodSync(file, 0o644);
    const open = await postrider([...add, "--replace"], { env });
    assert.equal(open.code, 77);
    writeFileSync(file, "{}", { mode: 0o600 });
    assert.ok(!existsSync(`${file}.new`));
  },
);

const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [["a b", "--provider", "gmail"], /the name of a profile must be letters/],
  [["work"], /--provider or --server is missing/],
  [["work", "--provider", "gmial"], /did you mean "?gmail/],
  [["work", "--provider", "ses", "--user", "x"], /region/],
  [["work", "--provider", "gmail", "--server", "x"], /--provider and --server cannot be combined/],
  [["work", "--server", "http://x"], /must start with smtp:/],
  [["work", "--server", "x", "--user", "ann"], /no password for ann: set POSTRIDER_PASSWORD/],
  [["work", "--server", "x", "--from", "nobody"], /^postrider: --from: /],
  [["work", "--provider", "gmail"], /--user is missing: Gmail requires a login/],
  [["work", "--provider", "ses", "--user", "x"], /^postrider: --region: must be given/],
  [["work", "--server", "x", "--password-command", "true"], /--password-command needs a user/],
  [["work", "--server", "x", "--token-command", "true"], /--token-command needs a user/],
  [["work", "--server", "x", "--user", "a", "--password-command", ""], /--password-command <command>' argument ''/],
  [["work", "--server", "x", "--user", ""], /--user <name>' argument '' is invalid/],
  [["work", "--server", "smtp://u:p%zz@x"], /the password in the URL has a % that does not start/],
];

for (const [args, says] of WRONG) {
  test(`profile add ${args.join(" ")} is an error, and nothing is kept`, async (t) => {
    const { file, env } = place(t);
    const { code, stderr } = await postrider(["profile", "add", ...args], { env });
    assert.match(stderr, says);
    assert.ok(code === 64 || code === 65);
    assert.ok(!existsSync(file));
  });
}

test("on a terminal it asks, checks each answer, and shows no password", onLinux, async (t) => {
  const { file, env } = place(t);
  await using terminal = new Terminal(["profile", "add", "home"], { env });
  await terminal.shows("Provider, or server");
  terminal.type("gmial\r");
  await terminal.shows(/did you mean "?gmail/);
  terminal.type("gmail\r");
  await terminal.shows("app password");
  await terminal.shows("User: ");
  terminal.type("ann@gmail.com\r");
  await terminal.shows("Password of ann@gmail.com");
  terminal.type("s3cret\r");
  await terminal.shows("From (empty: ann@gmail.com): ");
  terminal.type("Ann <ann\r");
  await terminal.shows("--from: ");
  terminal.type("Ann <ann@gmail.com>\r");
  await terminal.shows("saved in");
  assert.equal(await terminal.end(), 0);
  assert.ok(!terminal.screen.includes("s3cret"));
  const { home } = read(file);
  assert.deepEqual(home, {
    url: "smtps://smtp.gmail.com:465",
    username: "ann@gmail.com",
    password: "s3cret",
    from: "Ann <ann@gmail.com>",
  });
});

test("profile providers lists what --provider takes", async () => {
  const { stdout } = await postrider(["profile", "providers"]);
  assert.match(stdout, /^gmail +Gmail {2}smtp\.gmail\.com:465 {2}.*app password/m);
});

test("a profile that is malformed hides no other: list names it, with 65, and remove forgets it", async (t) => {
  const { file, env } = place(t);
  await postrider(["profile", "add", "good", "--server", "mail.example.org"], { env });
  writeFileSync(
    file,
    JSON.stringify({
      ...read(file),
      bare: { url: "relay:2525" },
      bad: { url: "smtp://x", port: 2 },
      worse: { url: "::" },
    }),
  );
  const list = await postrider(["profile", "list"], { env });
  assert.equal(list.code, 65);
  assert.equal(list.stdout, "good  smtp://mail.example.org\nbare  smtp://relay:2525\n");
  assert.match(list.stderr, /: bad: port is not a known field[\s\S]*: url must be a URL/);
  for (const name of ["bad", "worse"]) assert.equal((await postrider(["profile", "remove", name], { env })).code, 0);
  assert.deepEqual(Object.keys(read(file)), ["good", "bare"]);
});

test("a link to the file of profiles stays a link: what it leads to is written", async (t) => {
  const { env } = place(t);
  const cwd = folder(t);
  const link = join(cwd, "profiles.json");
  writeFileSync(join(cwd, "real.json"), "{}", { mode: 0o600 });
  symlinkSync("real.json", link);
  const linked = { ...env, POSTRIDER_PROFILES: link };
  assert.equal((await postrider(["profile", "add", "a", "--server", "mail.example.org"], { env: linked })).code, 0);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.deepEqual(Object.keys(read(join(cwd, "real.json"))), ["a"]);
});

test("on a terminal it asks for the region of a provider that has several", onLinux, async (t) => {
  const { file, env } = place(t);
  await using terminal = new Terminal(["profile", "add", "aws", "--user", "AKIA"], { env });
  await terminal.shows("Provider, or server");
  terminal.type("ses\r");
  await terminal.shows("Region of Amazon SES");
  terminal.type("Moon!\r");
  await terminal.shows("--region: must be the short name of a region");
  terminal.type("eu-west-1\r");
  await terminal.shows("Password of AKIA");
  terminal.type("s3cret\r");
  await terminal.shows("From (empty");
  terminal.type("\r");
  assert.equal(await terminal.end(), 0);
  assert.match(String(read(file)["aws"]?.["url"]), /email-smtp\.eu-west-1\./);
});
