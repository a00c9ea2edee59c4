import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../src/errors/errors.js";
import { connectionOptions } from "../src/options/connection-options.js";
import { type ProviderOptions, provider, providers } from "../src/providers.js";

/** The error of a call, as the option and its rule. */
function refusalOf(name: unknown, options?: unknown): string {
  try {
    provider(name as string, options as ProviderOptions);
  } catch (error) {
    assert.ok(error instanceof OptionError);
    return error.message;
  }
  return assert.fail("no error");
}

test("every row makes options that the library takes, with TLS unless the server is on this machine", () => {
  for (const { name, hostname, port, tls, regionalHostname, regions } of providers) {
    const region = hostname.includes("{region}") ? "eu-west-1" : undefined;
    const found = provider(name, { region });
    const { target, tlsMode } = connectionOptions({ ...found, username: found.username ?? "ann", password: "secret" });
    assert.ok(target.kind === "tcp");
    assert.deepEqual([target.hostname, target.port], [hostname.replace("{region}", region ?? ""), port]);
    assert.equal(tlsMode, { implicit: "implicit", starttls: "starttls-required", none: "none" }[tls], name);
    assert.equal(tls === "none", hostname === "localhost", name);
    assert.equal(regionalHostname?.split("{region}").length ?? 2, 2, name);
    for (const one of regions ?? []) assert.match(provider(name, { region: one }).hostname, /^[\w.-]+$/);
  }
});

test("names are in order, and each name, title, alias and domain leads to one row", () => {
  const names = providers.map(({ name }) => name);
  assert.deepEqual(names, [...names].sort());
  const keys = providers.flatMap(({ name, title, aliases }) => [
    ...new Set([name, title.toLowerCase().replace(/\s+/g, ""), ...aliases]),
  ]);
  assert.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
  for (const key of keys) assert.equal(key, key.toLowerCase());
});

test("a provider is found by name, alias, domain and address, in any letter case and with spaces", () => {
  const gmail = { hostname: "smtp.gmail.com", port: 465, useTls: true };
  for (const name of ["gmail", "Gmail", " G mail", "GoogleMail", "gmail.com", "ann@googlemail.com"]) {
    assert.deepEqual(provider(name), gmail, name);
  }
  assert.deepEqual(provider("Microsoft 365"), { hostname: "smtp.office365.com", port: 587, startTls: true });
  assert.deepEqual(provider("mailpit"), { hostname: "localhost", port: 1025, startTls: false });
});

test("a user name that is the same for every account is part of the options", () => {
  assert.equal(provider("sendgrid").username, "apikey");
  assert.equal(provider("resend").username, "resend");
  assert.equal(provider("loops").username, "loops");
  assert.equal(Object.hasOwn(provider("gmail"), "username"), false);
});

test("a region chooses the server, and is required where there is no other", () => {
  assert.equal(provider("ses", { region: "us-gov-west-1" }).hostname, "email-smtp.us-gov-west-1.amazonaws.com");
  assert.equal(provider("mailgun", { region: "eu" }).hostname, "smtp.eu.mailgun.org");
  assert.equal(provider("zoho", { region: "com.au" }).hostname, "smtp.zoho.com.au");
  assert.equal(provider("mailgun", {}).hostname, "smtp.mailgun.org");
  assert.match(refusalOf("ses"), /region: must be given: Amazon SES has a server in each region/);
  assert.match(refusalOf("mailgun", { region: "us" }), /region: of Mailgun must be eu/);
  assert.match(refusalOf("gmail", { region: "eu" }), /region: cannot be chosen: Gmail has one server/);
});

test("accounts of another country have a server of their own", () => {
  assert.equal(provider("ionos").hostname, "smtp.ionos.de");
  assert.equal(provider("ionos", { region: "co.uk" }).hostname, "smtp.ionos.co.uk");
  assert.equal(provider("gmx", { region: "com" }).hostname, "mail.gmx.com");
  assert.equal(provider("ann@gmx.com").hostname, "mail.gmx.com");
  assert.equal(provider("ann@gmx.de").hostname, "mail.gmx.net");
  assert.equal(provider("zeptomail", { region: "eu" }).hostname, "smtp.zeptomail.eu");
});

test("a region cannot lead the password to another server", () => {
  for (const region of ["evil.example/", "x@evil", "", ".", "a..b", "EU-WEST-1", "eu-west-1.", "eu\r\n", 1, null, {}]) {
    assert.match(refusalOf("ses", { region }), /region: must be the short name of a region/, String(region));
  }
  assert.match(refusalOf("ses", "eu-west-1"), /provider: takes an object with the region/);
});

test("a name that is not in the table is an error that offers the nearest one", () => {
  assert.match(refusalOf("gmial"), /provider: is not known: "gmial"; did you mean "gmail"\?/);
  assert.match(refusalOf("ann@example.org"), /provider: is not known: "ann@example\.org"$/);
  assert.match(refusalOf("toString"), /is not known:/);
  assert.match(refusalOf("a\u202eb"), /is not known: "a\\u\{?202e/i);
  for (const name of ["", undefined, null, 7, {}])
    assert.match(refusalOf(name), /provider: must be the name of a provider/);
});

test("what is returned cannot be changed, nor can the table", () => {
  assert.ok(Object.isFrozen(provider("gmail")));
  assert.ok(Object.isFrozen(providers));
  for (const row of providers) {
    assert.ok(Object.isFrozen(row) && Object.isFrozen(row.aliases));
    assert.ok(row.regions === undefined || Object.isFrozen(row.regions));
  }
});

test("the server is the one that the provider names today, not one that programs have copied", () => {
  assert.equal(provider("runbox").hostname, "mail.runbox.com");
  assert.equal(provider("bol").hostname, "smtps.bol.com.br");
});

test("sentences end, and sources are pages", () => {
  for (const { name, login, limits, quirks, source } of providers) {
    for (const words of [login, limits, quirks]) assert.match(words ?? "None.", /^[A-Z0-9].*\.$/, name);
    assert.ok(source === undefined || /^https:\/\/[\w.-]+(?:\/[\w./-]*)?$/.test(source), name);
  }
});
