import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startInbox } from "@postrider/inbox";
import { testCertificate } from "./support/certificates.js";
import { folder, postrider } from "./support/command.js";
import { ScriptedServer } from "./support/scripted-server.js";
import { onLinux } from "./support/system.js";
import { Terminal } from "./support/terminal.js";

const OFF = { smtpPort: 0, webPort: false } as const;
const LOGIN = { username: "ann", password: "pw" };

test("a server by STARTTLS whose authority is trusted: version, cipher, chain, extensions, login, 0", async (t) => {
  const identity = await testCertificate(60);
  await using inbox = await startInbox({ ...OFF, auth: LOGIN, tls: { ...identity, mode: "starttls" } });
  const ca = join(folder(t), "ca.pem");
  writeFileSync(ca, identity.cert);
  const args = ["check", `smtp://ann@127.0.0.1:${inbox.smtpPort}`, "--ca", ca];
  const env = { POSTRIDER_PASSWORD: "pw" };
  const asJson = await postrider([...args, "--json"], { env });
  assert.equal(asJson.stderr, "");
  assert.equal(asJson.code, 0);
  const report = JSON.parse(asJson.stdout);
  assert.equal(report.tls.by, "STARTTLS");
  assert.equal(report.tls.protocol, "TLSv1.3");
  assert.equal(report.tls.problem, undefined);
  assert.equal(report.tls.chain[0].subject, "mail.test");
  assert.deepEqual(report.tls.chain[0].names, ["127.0.0.1", "localhost"]);
  assert.equal(report.tls.chain[0].daysLeft, 60);
  assert.equal(report.limits.messageBytes, 64 * 1024 * 1024);
  assert.ok("PIPELINING" in report.extensions);
  assert.equal(report.login.accepted, true);
  assert.ok(report.connectMs > 0 && report.roundTripMs > 0);

  const asText = await postrider(args, { env });
  assert.match(asText.stdout, /TLS {11}TLSv1\.3, \S+, STARTTLS/);
  assert.match(asText.stdout, /60 days left/);
  assert.match(asText.stdout, /limits {8}67\.1 MB a message/);
});

test("a certificate that nobody trusts is shown all the same, no password is sent, and it ends with 69", async () => {
  for (const mode of ["starttls", "implicit"] as const) {
    const identity = await testCertificate(10);
    await using inbox = await startInbox({ ...OFF, auth: LOGIN, tls: { ...identity, mode } });
    const scheme = mode === "implicit" ? "smtps" : "smtp";
    const { code, stdout } = await postrider(["check", `${scheme}://ann@127.0.0.1:${inbox.smtpPort}`, "--json"], {
      env: { POSTRIDER_PASSWORD: "pw" },
    });
    assert.equal(code, 69);
    const report = JSON.parse(stdout);
    assert.match(report.tls.problem, /is self-signed/);
    assert.equal(report.tls.chain.length, 1);
    assert.equal(report.login.accepted, false);
    assert.match(report.login.answer, /not tried/);
    assert.ok(report.warnings.some((text: string) => text.includes("ends in 10 days")));
  }
});

test("a server that takes passwords in clear text is warned of, on whichever port", async (t) => {
  const server = await ScriptedServer.start(t, {
    extensions: ["AUTH PLAIN LOGIN", "SIZE 1000000", "LIMITS RCPTMAX=50 MAILMAX=3"],
  });
  const { code, stdout } = await postrider(["check", server.url, "--json"]);
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.equal(report.tls, undefined);
  assert.deepEqual(report.clearText.authMethods, ["PLAIN", "LOGIN"]);
  assert.deepEqual(report.limits, { messageBytes: 1_000_000, rcptMax: 50, mailMax: 3 });
  assert.ok(report.warnings.some((warning: string) => warning.includes("there is no TLS")));
  for (const name of ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]) {
    assert.ok(
      report.warnings.some((warning: string) => warning.includes(`does not offer ${name}`)),
      name,
    );
  }
  assert.ok(!server.lines.some((line) => /^(?:AUTH|MAIL)/.test(line)));
});

test("a wrong password is reported, with 77", async () => {
  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const url = `smtp://ann@127.0.0.1:${inbox.smtpPort}`;
  const { code, stdout } = await postrider(["check", url], { env: { POSTRIDER_PASSWORD: "wrong" } });
  assert.equal(code, 77);
  assert.match(stdout, /login {9}ann: .*535/);
});

test("what is no SMTP server, or none at all, is an error in words", async (t) => {
  const web = await ScriptedServer.start(t, { greeting: "HTTP/1.1 400 Bad Request" });
  const strange = await postrider(["check", web.url]);
  assert.equal(strange.code, 75);
  assert.match(strange.stderr, /HTTP/);
  const refused = await ScriptedServer.start(t, { greeting: "554 go away" });
  const told = await postrider(["check", refused.url]);
  assert.equal(told.code, 69);
  assert.match(told.stderr, /554 go away/);
});

test("a server that is given twice, or not at all, is an error", async () => {
  assert.equal((await postrider(["check", "127.0.0.1:1", "--server", "127.0.0.1:2"])).code, 64);
  assert.equal((await postrider(["check"])).code, 64);
});

test("--timeout ends the wait for a server that says nothing", async (t) => {
  const silent = await ScriptedServer.start(t, { answer: () => new Promise(() => undefined) });
  const { code, stderr } = await postrider(["check", silent.url, "--timeout", "0.2"]);
  assert.equal(code, 75);
  assert.match(stderr, /No progress for 200 ms/);
});

test("--starttls where there is none is a warning, no login, and 69; a token logs in", async (t) => {
  const plain = await ScriptedServer.start(t, { extensions: ["AUTH PLAIN"] });
  const args = ["check", plain.url, "--starttls", "-u", "ann", "--json"];
  const { code, stdout } = await postrider(args, { env: { POSTRIDER_PASSWORD: "pw" } });
  assert.equal(code, 69);
  const report = JSON.parse(stdout);
  assert.match(report.login.answer, /not tried: the server offers no STARTTLS/);
  assert.ok(report.warnings.some((text: string) => text.includes("it offers no STARTTLS")));
  assert.ok(!plain.lines.some((line) => line.startsWith("AUTH")));

  await using inbox = await startInbox({ ...OFF, auth: LOGIN });
  const server = `ann@127.0.0.1:${inbox.smtpPort}`;
  const token = await postrider(["check", server, "--token-command", "echo pw", "--trace"]);
  assert.equal(token.code, 0);
  assert.match(token.stderr, /^> AUTH XOAUTH2/m);
  assert.match(token.stdout, /login {9}ann: 235/);
});

test("--insecure still tells that the certificate does not hold, and logs in", async () => {
  await using inbox = await startInbox({
    ...OFF,
    auth: LOGIN,
    tls: { ...(await testCertificate(60)), mode: "starttls" },
  });
  const args = ["check", `ann@127.0.0.1:${inbox.smtpPort}`, "--insecure", "--json"];
  const { code, stdout } = await postrider(args, { env: { POSTRIDER_PASSWORD: "pw" } });
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.match(report.tls.problem, /is self-signed/);
  assert.equal(report.login.accepted, true);
});

test("on a terminal it says what it waits for", onLinux, async (t) => {
  let isAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  let answer = (): void => undefined;
  const answered = new Promise<undefined>((resolve) => {
    answer = () => resolve(undefined);
  });
  const slow = await ScriptedServer.start(t, {
    answer: (line) => {
      if (line !== "NOOP") return undefined;
      isAsked();
      return answered;
    },
  });
  await using terminal = new Terminal(["check", slow.url]);
  await terminal.shows(/connecting to 127\.0\.0\.1:\d+/);
  await terminal.shows("measuring a round trip");
  await asked;
  answer();
  await terminal.shows("warning");
  assert.equal(await terminal.end(), 0);
});

test("a login that may work later ends with 75", async (t) => {
  const server = await ScriptedServer.start(t, {
    extensions: ["AUTH PLAIN"],
    answer: (line) => (/^AUTH/.test(line) ? "454 4.7.0 later" : undefined),
  });
  const { code, stdout } = await postrider(["check", server.url.replace("//", "//ann:pw@")]);
  assert.match(stdout, /ann: .*454 4\.7\.0 later/);
  assert.equal(code, 75);
});
