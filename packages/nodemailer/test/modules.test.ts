/**
 * The doors of the package: import and require, the package itself and each of its sub-paths.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);

/** A variable: the tests are compiled before the package is there to be found. */
const PACKAGE: string = "@postrider/nodemailer";

const SUB_PATHS = [
  ["mailer", "Mail"],
  ["mail-composer", "MailComposer"],
  ["mime-node", "MimeNode"],
  ["smtp-transport", "SMTPTransport"],
  ["smtp-pool", "SMTPPool"],
  ["stream-transport", "StreamTransport"],
  ["json-transport", "JSONTransport"],
  ["sendmail-transport", "SendmailTransport"],
  ["ses-transport", "SESTransport"],
  ["well-known", "wellKnown"],
  ["addressparser", "addressparser"],
  ["smtp-connection", "SMTPConnection"],
  ["xoauth2", "XOAuth2"],
  ["dkim", "DKIM"],
  ["fetch", "nmfetch"],
] as const;

test("the package gives the same names by import and by require", async () => {
  const names = ["createTestAccount", "createTransport", "getTestMessageUrl"];
  const imported = await import(PACKAGE);
  const required = require("@postrider/nodemailer");
  for (const whole of [imported, imported.default, required, required.default]) {
    assert.deepEqual(
      Object.keys(whole)
        .filter((name) => name !== "default" && name !== "module.exports")
        .sort(),
      names,
    );
  }
});

test("each sub-path is a class or a function, by import as the default, by require as it is", async () => {
  for (const [path, name] of SUB_PATHS) {
    for (const ending of ["", "/index.js"]) {
      const specifier = `@postrider/nodemailer/lib/${path}${ending}`;
      assert.equal((await import(specifier)).default.name, name, specifier);
      assert.equal(require(specifier).name, name, specifier);
    }
  }
});

test("lib/shared and lib/mime-funcs are read by names, and as one object", async () => {
  for (const [path, name] of [
    ["shared", "resolveContent"],
    ["mime-funcs", "encodeWord"],
  ] as const) {
    const specifier = `@postrider/nodemailer/lib/${path}`;
    const imported = await import(specifier);
    for (const whole of [imported, imported.default, require(specifier)])
      assert.equal(typeof whole[name], "function", specifier);
  }
});

test("transports can be made by hand and handed in", () => {
  const { createTransport } = require("@postrider/nodemailer");
  const SMTPTransport = require("@postrider/nodemailer/lib/smtp-transport");
  const wellKnown = require("@postrider/nodemailer/lib/well-known");
  const transporter = createTransport(new SMTPTransport({ service: "Gmail", auth: { user: "u", pass: "p" } }));
  assert.deepEqual([transporter.transporter.name, transporter.options.host], ["SMTP", "smtp.gmail.com"]);
  assert.deepEqual(wellKnown("ann@outlook.com"), { host: "smtp-mail.outlook.com", port: 587, secure: false });
  assert.deepEqual(wellKnown("SES-EU-WEST-1"), { host: "email-smtp.eu-west-1.amazonaws.com", port: 465, secure: true });
  assert.deepEqual(wellKnown("Feishu Mail"), { host: "smtp.feishu.cn", port: 465, secure: true });
  assert.deepEqual(wellKnown("Loops"), { host: "smtp.loops.so", port: 587, secure: false });
  assert.equal(wellKnown("nobody knows"), false);
});
