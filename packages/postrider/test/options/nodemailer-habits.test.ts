import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { DkimSigner } from "../../src/dkim/dkim-signer.js";
import type { MessageFields } from "../../src/message/email-message.js";
import { EmailMessage } from "../../src/message/email-message.js";
import type { ConnectionOptions } from "../../src/options/connection-options.js";
import { connectionOptions } from "../../src/options/connection-options.js";
import type { SendOptions } from "../../src/options/pool-options.js";
import { poolOptions, splitSendOptions } from "../../src/options/pool-options.js";

const base64 = Buffer.from("hello, world").toString("base64");

const connect = (options: object): unknown => connectionOptions(options as ConnectionOptions);
const send = (options: object): unknown => splitSendOptions(options as SendOptions);
const message = (fields: object): unknown => new EmailMessage(fields as MessageFields);
const attach = (attachment: object): unknown => message({ attachments: [attachment] });

/** What a nodemailer program writes, and what the error names: the place, and what to write instead. */
const HABITS: readonly (readonly [name: string, act: () => unknown, field: string, words: RegExp])[] = [
  ["host", () => connect({ host: "mail.example" }), "host", /hostname/],
  ["secure", () => connect({ secure: true }), "secure", /useTls/],
  ["auth", () => connect({ auth: { user: "u", pass: "p" } }), "auth", /username and password, or accessToken/],
  ["service", () => connect({ service: "gmail" }), "service", /hostname and port/],
  ["pool", () => send({ pool: true }), "pool", /SmtpPool/],
  ["maxConnections of send", () => send({ maxConnections: 3 }), "maxConnections", /SmtpPool/],
  ["maxMessages", () => poolOptions({ maxMessages: 3 } as object), "maxMessages", /maxMessagesPerConnection/],
  ["rateDelta", () => poolOptions({ rateDelta: 3 } as object), "rateDelta", /rateLimit/],
  ["requireTLS", () => connect({ requireTLS: true }), "requireTLS", /startTls/],
  ["ignoreTLS", () => connect({ ignoreTLS: true }), "ignoreTLS", /startTls: false/],
  ["opportunisticTLS", () => connect({ opportunisticTLS: true }), "opportunisticTLS", /startTls/],
  ["name", () => connect({ name: "me.example" }), "name", /localHostname/],
  ["connectionTimeout", () => connect({ connectionTimeout: 1 }), "connectionTimeout", /timeout/],
  ["greetingTimeout", () => connect({ greetingTimeout: 1 }), "greetingTimeout", /timeout/],
  ["authMethod", () => connect({ authMethod: "PLAIN" }), "authMethod", /authMethods/],
  ["logger", () => connect({ logger: true }), "logger", /trace/],
  ["debug", () => connect({ debug: true }), "debug", /trace/],
  ["port as a string", () => connect({ port: "587" }), "port", /, not a string; convert it with Number/],
  ["port with a typing error", () => connect({ port: "58x" }), "port", /whole number.*, not a string$/],
  ["timeout as a string", () => connect({ timeout: "5000" }), "timeout", /, not a string; convert it with Number/],
  ["a flag as a string", () => connect({ startTls: "true" }), "startTls", /not a string; compare it with "true"$/],
  ["dkim as plain data", () => connect({ dkim: { domainName: "a.example" } }), "dkim", /new DkimSigner/],
  [
    "the names of dkim",
    () => new DkimSigner({ domainName: "a.example", keySelector: "s", privateKey: "" } as never),
    "domainName",
    /domain\?/,
  ],
  ["keySelector", () => new DkimSigner({ keySelector: "s" } as never), "keySelector", /selector\?/],
  ["envelope of send", () => send({ envelope: { from: "a@b.c" } }), "envelope", /sender and recipients/],
  [
    "envelope of the message",
    () => message({ envelope: { from: "a@b.c" } }),
    "message.envelope",
    /sender and recipients/,
  ],
  ["dsn of the message", () => message({ dsn: { id: "x" } }), "message.dsn", /dsn among the options/],
  ["dkim of the message", () => message({ dkim: {} }), "message.dkim", /dkim among the options/],
  ["icalEvent", () => message({ icalEvent: {} }), "message.icalEvent", /calendar/],
  ["alternatives", () => message({ alternatives: [] }), "message.alternatives", /addAlternative/],
  ["attachDataUrls", () => message({ attachDataUrls: true }), "message.attachDataUrls", /dataUriAttachment/],
  [
    "encoding of the message",
    () => message({ encoding: "base64" }),
    "message.encoding",
    /text: \{ content, encoding \}/,
  ],
  ["textEncoding", () => message({ textEncoding: "base64" }), "message.textEncoding", /text: \{ content, encoding \}/],
  ["raw", () => message({ raw: "From: a@b.c" }), "message.raw", /give .* to send\(\)/],
  [
    "headers as key and value",
    () => message({ headers: [{ key: "a", value: "b" }] }),
    "headers",
    /pair \[name, value\]/,
  ],
  ["a prepared header", () => message({ headers: { "X-A": { prepared: true, value: "b" } } }), "headers.X-A", /string/],
  ["text from a file", () => message({ text: { path: "/etc/passwd" } }), "text.path", /never opens a file/],
  ["a date as text", () => message({ date: "2025-11-22" }), "date", /valid Date/],
  ["path", () => attach({ path: "/etc/passwd" }), "attachments[0].path", /fileAttachment/],
  ["href", () => attach({ href: "https://a.example" }), "attachments[0].href", /never opens/],
  ["cid", () => attach({ content: "a", cid: "x" }), "attachments[0].cid", /contentId/],
  [
    "contentTransferEncoding",
    () => attach({ content: "a", contentTransferEncoding: "base64" }),
    "attachments[0].contentTransferEncoding",
    /encoding/,
  ],
  ["base64 text", () => attach({ content: base64, encoding: "base64" }), "attachments[0].content", /Buffer\.from/],
  [
    "base64 text in lines",
    () => attach({ content: `${base64}\r\n${base64}\n`, encoding: "base64" }),
    "attachments[0].content",
    /Buffer\.from/,
  ],
  [
    "hex",
    () => attach({ content: "cafe", encoding: "hex" }),
    "attachments[0].encoding",
    /Buffer\.from\(content, "hex"\)/,
  ],
  ["utf8", () => attach({ content: "x", encoding: "utf8" }), "attachments[0].encoding", /how content is sent/],
  ["base64 html", () => message({ html: { content: base64, encoding: "base64" } }), "html", /Buffer\.from/],
  [
    "base64 by a method",
    () => new EmailMessage().setContent(base64, { encoding: "base64" }),
    "content",
    /Buffer\.from/,
  ],
];

for (const [name, act, field, words] of HABITS) {
  test(`a habit of nodemailer's users is an error that says what to write: ${name}`, () => {
    assert.throws(act, (error: unknown) => {
      const { field: named, option, message: text, outcome } = error as Record<string, string>;
      assert.equal(named ?? option, field, text);
      assert.match(text ?? "", words);
      assert.equal(outcome, "not-sent");
      return true;
    });
  });
}

test("text that is no base64 may ask to travel in base64, and arrives as it is", async () => {
  for (const content of ["Grüße", "hello, world", "aGk", "aGk=\u00a0", "abc"]) {
    const bytes = await new EmailMessage({ text: { content, encoding: "base64" } }).toBytes();
    const [, body = ""] = Buffer.from(bytes).toString("latin1").split("\r\n\r\n");
    assert.equal(Buffer.from(body, "base64").toString("utf8").trimEnd(), content.trimEnd());
  }
});
