import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dkimDnsRecord } from "postrider";
import { folder, postrider } from "./support/command.js";
import { assertPrivate } from "./support/system.js";

const WHO = ["dkim", "keygen", "--domain", "example.org", "--selector", "mail"];

test("an RSA key is written with mode 0600, and its record is printed for a zone file", async (t) => {
  const cwd = folder(t);
  const { code, stdout, stderr } = await postrider(WHO, { cwd });
  assert.equal(code, 0);
  const file = join(cwd, "mail.example.org.pem");
  assertPrivate(file);
  const strings = [...stdout.matchAll(/"([^"]*)"/g)].map(([, text = ""]) => text);
  assert.ok(strings.length > 1 && strings.every((text) => text.length <= 255));
  assert.equal(strings.join(""), await dkimDnsRecord(readFileSync(file, "utf8")));
  assert.match(stdout, /^mail\._domainkey\.example\.org\. IN TXT \( "v=DKIM1; k=rsa; p=/);
  assert.match(stderr, /private key saved in mail\.example\.org\.pem/);
  assert.ok(!(stdout + stderr).includes("PRIVATE KEY"));
});

test("an Ed25519 key has a record of one string; --json gives name and value", async (t) => {
  const cwd = folder(t);
  const { code, stdout } = await postrider([...WHO, "--algorithm", "ed25519", "--out", "k.pem", "--json"], { cwd });
  assert.equal(code, 0);
  const record = JSON.parse(stdout);
  assert.equal(record.name, "mail._domainkey.example.org");
  assert.equal(record.value, await dkimDnsRecord(readFileSync(join(cwd, "k.pem"), "utf8")));
  assert.match(record.value, /^v=DKIM1; k=ed25519; p=[\w+/]{43}=$/);
});

test("a key that exists is not overwritten: 73", async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "k.pem"), "precious");
  const { code, stdout, stderr } = await postrider([...WHO, "--out", "k.pem"], { cwd });
  assert.equal(code, 73);
  assert.equal(stdout, "");
  assert.match(stderr, /k\.pem cannot be written: it exists already/);
  assert.equal(readFileSync(join(cwd, "k.pem"), "utf8"), "precious");
});

test("a domain that is none, and bits for Ed25519, are errors before anything is written", async (t) => {
  const cwd = folder(t);
  for (const args of [
    ["dkim", "keygen", "--domain", "../etc", "--selector", "mail"],
    [...WHO, "--algorithm", "ed25519", "--bits", "2048"],
    [...WHO, "--algorithm", "dsa"],
    ["dkim", "keygen", "--domain", "example.org"],
  ]) {
    const { code, stdout } = await postrider(args, { cwd });
    assert.equal(code, 64, args.join(" "));
    assert.equal(stdout, "");
  }
});

test("a domain or a selector that is none is an error in the flags of this command: 64", async (t) => {
  const cwd = folder(t);
  for (const [flag, args] of [
    ["--domain", ["--domain", "a b", "--selector", "mail"]],
    ["--selector", ["--domain", "example.org", "--selector", "a b"]],
  ] as const) {
    const { code, stderr } = await postrider(["dkim", "keygen", "--algorithm", "ed25519", ...args], { cwd });
    assert.match(stderr, new RegExp(`^postrider: ${flag}: must be letters`));
    assert.equal(code, 64);
  }
});

test("a folder that is not there is named as the reason: 73", async (t) => {
  const { code, stderr } = await postrider([...WHO, "--algorithm", "ed25519", "--out", "none/k.pem"], {
    cwd: folder(t),
  });
  assert.match(stderr, /^postrider: the key none\/k\.pem cannot be written: its folder does not exist$/m);
  assert.equal(code, 73);
});
