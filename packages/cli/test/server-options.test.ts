/** The options that all commands with a server share, tried with `send`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { testCertificate } from "./support/certificates.js";
import { folder, postrider } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";
import { printing } from "./support/secret.js";
import { onPosix } from "./support/system.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const LOGIN = { username: "ann", password: "s3cret-pass" };
const MAIL = ["-f", "ann@example.org", "-S", "x", "--text", "x", "bob@example.com"];

test("--tls, --starttls and --ca secure the connection; --insecure accepts any certificate, with a warning", async (t) => {
  const identity = await testCertificate(30);
  const ca = join(folder(t), "ca.pem");
  writeFileSync(ca, identity.cert);
  for (const [flag, mode] of [
    ["--tls", "implicit"],
    ["--starttls", "starttls"],
  ] as const) {
    await using inbox = await startInbox({ ...OFF, tls: { ...identity, mode } });
    const server = ["-s", `127.0.0.1:${inbox.smtpPort}`, flag];
    const trusted = await postrider(["send", ...server, "--ca", ca, ...MAIL]);
    assert.equal(trusted.stderr, "");
    assert.equal(trusted.code, 0);
    const strict = await postrider(["send", ...server, ...MAIL]);
    assert.equal(strict.code, 69);
    assert.match(strict.stderr, /by --ca/);
    const any = await postrider(["send", ...server, "--insecure", ...MAIL]);
    assert.equal(any.code, 0);
    assert.match(any.stderr, /^warning: --insecure: the server certificate is not verified$/m);
    assert.deepEqual(
      inbox.messages.map(({ secure }) => secure),
      [true, true],
    );
  }
});

test("--starttls sends nothing to a server that does not offer it; --no-starttls uses none that is offered", async (t) => {
  const plain = await ScriptedServer.start(t);
  const { code, stderr } = await postrider(["send", "-s", plain.url, "--starttls", ...MAIL]);
  assert.equal(code, 69);
  assert.match(stderr, /does not offer STARTTLS.*set --tls in place of --starttls/);
  assert.deepEqual(plain.messages, []);

  await using inbox = await startInbox({ ...OFF, tls: "starttls" });
  const clear = await postrider(["send", "-s", `127.0.0.1:${inbox.smtpPort}`, "--no-starttls", ...MAIL]);
  assert.equal(clear.code, 0);
  assert.equal(inbox.messages[0]?.secure, false);
});

test("--password-command gives the first line of what it prints", onPosix, async () => {
  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const server = ["-s", `ann@127.0.0.1:${inbox.smtpPort}`];
  const command = printing("s3cret-pass", "url: mail.example.org");
  const { code, stdout, stderr } = await postrider([
    "send",
    ...server,
    "--password-command",
    command,
    "--trace",
    ...MAIL,
  ]);
  assert.equal(code, 0);
  assert.ok(!(stdout + stderr).includes("s3cret-pass"));
  // It goes before the environment.
  const env = { POSTRIDER_PASSWORD: "wrong" };
  assert.equal((await postrider(["send", ...server, "--password-command", command, ...MAIL], { env })).code, 0);
});

test("a command for a secret that fails is an error that does not show what it printed", onPosix, async () => {
  for (const [command, why] of [
    [`${printing("half s3cret")}; exit 3`, /--password-command: it exited with status 3/],
    ["true", /--password-command: the first line of its output is empty/],
    ["yes 's3cret'", /--password-command: its output is too long for a secret/],
  ] as const) {
    const { code, stderr } = await postrider(["send", "-s", "ann@127.0.0.1:1", "--password-command", command, ...MAIL]);
    assert.equal(code, 77);
    assert.match(stderr, why);
    assert.doesNotMatch(stderr, /s3cret/);
  }
});

test("a command for a secret does not read the pipe that is the message", onPosix, async () => {
  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const args = ["-f", "ann@example.org", "-S", "x", "--text", "-", "bob@example.com"];
  const command = `cat >&2; ${printing("s3cret-pass")}`;
  const server = ["-s", `ann@127.0.0.1:${inbox.smtpPort}`, "--password-command", command];
  const { code, stderr } = await postrider(["send", ...server, ...args], { input: "the message" });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.equal(inbox.messages[0]?.text, "the message\n");
});

test("--token-command logs in with an access token, by XOAUTH2 or the mechanism of --auth", onPosix, async () => {
  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const server = ["-s", `ann@127.0.0.1:${inbox.smtpPort}`, "--token-command", printing("s3cret-pass")];
  for (const auth of [[], ["--auth", "xoauth2"]]) {
    const { code, stderr } = await postrider(["send", ...server, ...auth, "--trace", ...MAIL]);
    assert.equal(code, 0);
    assert.match(stderr, /^> AUTH XOAUTH2/m);
  }
});

test("--auth restricts the mechanisms; one that is unknown is an error with the nearest", async () => {
  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const server = ["-s", `ann@127.0.0.1:${inbox.smtpPort}`];
  const env = { POSTRIDER_PASSWORD: "s3cret-pass" };
  const login = await postrider(["send", ...server, "--auth", "LOGIN", "--trace", ...MAIL], { env });
  assert.equal(login.code, 0);
  assert.match(login.stderr, /^> AUTH LOGIN/m);
  const unknown = await postrider(["send", ...server, "--auth", "PLIAN", ...MAIL], { env });
  assert.equal(unknown.code, 64);
  assert.match(unknown.stderr, /^postrider: --auth: .*PLAIN/);
});

test("--helo is the name in EHLO, --timeout ends the wait for a silent server", async (t) => {
  const server = await ScriptedServer.start(t);
  assert.equal((await postrider(["send", "-s", server.url, "--helo", "client.example.org", ...MAIL])).code, 0);
  assert.equal(server.lines[0], "EHLO client.example.org");
  const silent = await ScriptedServer.start(t, { answer: () => new Promise(() => undefined) });
  const { code, stderr } = await postrider(["send", "-s", silent.url, "--timeout", "0.2", ...MAIL]);
  assert.equal(code, 75);
  assert.match(stderr, /No progress for 200 ms/);
});

test("--proxy connects through it: CONNECT, and SOCKS 5", async (t) => {
  await using inbox = await startInbox(OFF);
  for (const scheme of ["http", "socks5"] as const) {
    const proxy = await startProxy(t, scheme, inbox.smtpPort);
    const args = [
      "send",
      "-s",
      `smtp://mail.example.org:${inbox.smtpPort}`,
      "--proxy",
      `${scheme}://127.0.0.1:${proxy}`,
    ];
    const { code, stderr } = await postrider([...args, ...MAIL]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  }
  assert.equal(inbox.messages.length, 2);
});

const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [["--tls", "--starttls"], /--tls and --starttls cannot be combined/],
  [["-s", "smtps://127.0.0.1:1", "--starttls"], /^postrider: smtps:\/\/ and --starttls cannot be combined/],
  [
    ["-s", "smtp://127.0.0.1:1?useTls=true", "--starttls"],
    /^postrider: --starttls: cannot be combined with --tls: TLS begins/,
  ],
  [["--cert", "c.pem"], /--cert and --cert-key must be given together/],
  [["-s", "127.0.0.1:1", "--proxy", "ftp://x"], /^postrider: --proxy: must start with http:/],
  [["-s", "127.0.0.1:1", "--helo", "a b"], /^postrider: --helo: /],
  [["-s", "127.0.0.1:1", "--timeout", "0"], /number of seconds above 0/],
  [["-s", "127.0.0.1:1", "--password-command", "true"], /--password-command needs a user/],
  [["-s", "a:b@127.0.0.1:1", "--token-command", "true"], /--token-command: the URL has a password already/],
  [["-s", "a@127.0.0.1:1", "--token-command", "true", "--password-command", "true"], /cannot be combined/],
  [["-s", "a@127.0.0.1:1", "--auth", "XOAUTH2"], /--auth XOAUTH2 needs a token/],
  [["-s", "127.0.0.1:1", "--auth", "PLAIN"], /--auth needs a user/],
  [["-s", "127.0.0.1:1", "--user", ""], /--user <name>' argument '' is invalid\. It must not be empty/],
  [["-s", "a@127.0.0.1:1", "--password-command", ""], /--password-command <command>' argument '' is invalid/],
  [["-s", "a@127.0.0.1:1", "--token-command", " "], /--token-command <command>' argument ' ' is invalid/],
];

for (const [args, says] of WRONG) {
  test(`${args.join(" ")} is an error in the words of the command, before anything is sent: 64`, async () => {
    const { code, stderr } = await postrider(["send", ...args, ...MAIL]);
    assert.match(stderr, says);
    assert.equal(code, 64);
  });
}

test("a file without a certificate, or with a key of another one, is an error before anything is connected: 65", async (t) => {
  const cwd = folder(t);
  const [one, other] = [await testCertificate(30), await testCertificate(30)];
  writeFileSync(join(cwd, "junk.pem"), "no certificate");
  writeFileSync(join(cwd, "torn.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  writeFileSync(join(cwd, "one.pem"), one.cert);
  writeFileSync(join(cwd, "other.key"), other.key);
  const server = await ScriptedServer.start(t);
  for (const [flags, says] of [
    [["--ca", "junk.pem"], /^postrider: --ca: junk\.pem is not a certificate in PEM/],
    [["--ca", "torn.pem"], /^postrider: --ca: torn\.pem is not a certificate in PEM/],
    [["--cert", "junk.pem", "--cert-key", "other.key"], /^postrider: --cert: junk\.pem is not a certificate/],
    [
      ["--cert", "one.pem", "--cert-key", "junk.pem"],
      /^postrider: --cert-key: junk\.pem is not an unencrypted private key/,
    ],
    [["--cert", "one.pem", "--cert-key", "other.key"], /--cert-key: other\.key is .*not the key of one\.pem/],
  ] as const) {
    const { code, stderr } = await postrider(["send", "-s", server.url, ...flags, ...MAIL], { cwd });
    assert.match(stderr, says);
    assert.equal(code, 65);
  }
  assert.deepEqual(server.lines, []);
});

test("--tls goes with --no-starttls, which it implies", async (t) => {
  const identity = await testCertificate(30);
  const ca = join(folder(t), "ca.pem");
  writeFileSync(ca, identity.cert);
  await using inbox = await startInbox({ ...OFF, tls: { ...identity, mode: "implicit" } });
  const server = ["-s", `127.0.0.1:${inbox.smtpPort}`, "--tls", "--no-starttls", "--ca", ca];
  const { code, stderr } = await postrider(["send", ...server, ...MAIL]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

test("a proxy that is not there is told by its flag", async () => {
  const { code, stderr } = await postrider(["send", "-s", "127.0.0.1:1", "--proxy", "http://127.0.0.1:1", ...MAIL]);
  assert.equal(code, 75);
  assert.match(stderr, /Check the name and port of --proxy/);
});

/** A proxy that leads every connection to the one port. */
async function startProxy(t: TestContext, scheme: "http" | "socks5", target: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const lead = (reply: string | Buffer): void => {
      socket.write(reply);
      const inner = connect(target, "127.0.0.1");
      inner.on("error", () => undefined);
      socket.pipe(inner).pipe(socket);
    };
    if (scheme === "http") return void socket.once("data", () => lead("HTTP/1.1 200 OK\r\n\r\n"));
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", () => lead(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
    });
  });
  server.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
