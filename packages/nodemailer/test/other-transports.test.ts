/**
 * Transports that send nothing over SMTP: streams, JSON, sendmail, SES.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import real from "nodemailer";
import ours from "../src/index.js";
import MailComposer from "../src/lib/mail-composer.js";
import { failure } from "./support/failure.js";
import { startServer } from "./support/recording-server.js";

const BASE = { from: "Ann <ann@example.org>", to: "bob@example.com", subject: "Hello", text: "Hi" };

test("a stream transport gives a stream or bytes, with the line ends that are asked for", async () => {
  const make = (options: object) => ours.createTransport({ streamTransport: true, ...options });
  const streamed = await make({}).sendMail(BASE);
  let text = "";
  for await (const piece of streamed.message as unknown as Readable) text += String(piece);
  assert.match(text, /\r\n\r\nHi\r\n$/);
  const unix = await make({ buffer: true, newline: "unix" }).sendMail({ ...BASE, bcc: "hidden@example.com" });
  assert.ok(Buffer.isBuffer(unix.message));
  assert.doesNotMatch(String(unix.message), /\r/);
  assert.match(String(unix.message), /^Bcc: hidden@example\.com$/m);
  assert.deepEqual(unix.envelope, { from: "ann@example.org", to: ["bob@example.com", "hidden@example.com"] });
});

test("a JSON transport gives what nodemailer gives", async () => {
  const message = {
    ...BASE,
    to: 'bob@example.com, "Q, R" <q@example.com>',
    attachments: [
      { filename: "a.txt", content: "hi" },
      { filename: "b.bin", content: Buffer.from([1, 255]) },
    ],
    headers: { "X-A": "b" },
    messageId: "<fixed@example.org>",
  };
  const read = async (library: {
    createTransport(options: never): { sendMail(data: never): Promise<{ message: string }> };
  }) => {
    const { attachments, ...rest } = JSON.parse(
      (await library.createTransport({ jsonTransport: true } as never).sendMail(message as never)).message,
    );
    // Types by file names are a difference of their own.
    return { ...rest, attachments: attachments.map(({ contentType: _, ...one }: { contentType: string }) => one) };
  };
  assert.deepEqual(await read(ours as never), await read(real as never));
  const object = await ours.createTransport({ jsonTransport: true, skipEncoding: true }).sendMail(message as never);
  assert.equal(typeof object.message, "object");
});

test("SES gets the bytes and the recipients, by the client that the program brings", async () => {
  class SendEmailCommand {
    readonly input: Record<string, unknown>;
    constructor(input: Record<string, unknown>) {
      this.input = input;
    }
  }
  const run = async (library: typeof ours) => {
    const sent: SendEmailCommand[] = [];
    const sesClient = {
      config: { region: async () => "eu-west-1" },
      send: async (command: unknown) => {
        sent.push(command as SendEmailCommand);
        return { MessageId: "0102" };
      },
    };
    const transporter = library.createTransport({ SES: { sesClient, SendEmailCommand } } as never);
    const info = await transporter.sendMail({
      ...BASE,
      bcc: "hidden@example.com",
      ses: { ConfigurationSetName: "set" },
    } as never);
    const { Content, ...request } = sent[0]?.input ?? {};
    assert.match(String((Content as { Raw: { Data: Buffer } }).Raw.Data), /Subject: Hello/);
    return { request, info: info as unknown as Record<string, unknown> };
  };
  const [own, theirs] = [await run(ours), await run(real as never)];
  assert.deepEqual(own.request, theirs.request);
  assert.deepEqual(
    [own.info["messageId"], own.info["response"], own.info["envelope"]],
    [theirs.info["messageId"], theirs.info["response"], theirs.info["envelope"]],
  );
});

test("sendmail that cannot be started or fails is an error", async () => {
  const missing = ours.createTransport({ sendmail: true, path: "/nowhere/sendmail" } as never);
  assert.equal((await failure(missing.sendMail(BASE))).code, "ESENDMAIL");
  const failing = await failure(ours.createTransport({ sendmail: true, path: "/bin/false" } as never).sendMail(BASE));
  assert.deepEqual([failing.code, failing["outcome"]], ["ESENDMAIL", "unknown"]);
});

test("messages are signed on every way out, and the signature holds", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const sealed = privateKey
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "pw" })
    .toString();
  const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;
  const ways = [
    { transport: { dkim: { domainName: "example.org", keySelector: "s", privateKey: pem } }, message: {} },
    {
      transport: {},
      message: { dkim: { domainName: "example.org", keySelector: "s", privateKey: pem, skipFields: "message-id" } },
    },
    {
      transport: {},
      message: {
        dkim: {
          keys: [{ domainName: "example.org", keySelector: "s", privateKey: { key: sealed, passphrase: "pw" } }],
        },
      },
    },
  ];
  for (const { transport, message } of ways) {
    const options = { streamTransport: true as const, buffer: true, ...transport };
    const { message: bytes } = await ours.createTransport(options).sendMail({ ...BASE, ...message } as never);
    const { results } = await dkimVerify(bytes as Buffer, { resolver: async () => [[record]] });
    assert.deepEqual(
      results.map(({ status }: { status: { result: string } }) => status.result),
      ["pass"],
    );
  }
});

test("a signature of the message's own takes the place of the transport's, over SMTP too", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;
  const key = (keySelector: string) => ({
    domainName: "example.org",
    keySelector,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  });
  await using server = await startServer();
  for (const pool of [false, true]) {
    const options = { host: "127.0.0.1", port: server.port, ignoreTLS: true, pool, dkim: key("transport") };
    const transporter = ours.createTransport(options as never);
    await transporter.sendMail(BASE);
    await transporter.sendMail({ ...BASE, dkim: key("message") });
    transporter.close();
    const selectors = [];
    for (const { raw } of server.arrived.splice(0)) {
      const { results } = await dkimVerify(raw, { resolver: async () => [[record]] });
      for (const { status, selector } of results) selectors.push(`${selector}: ${status.result}`);
    }
    assert.deepEqual(selectors, ["transport: pass", "message: pass"]);
  }
});

test("a message can be composed alone", async () => {
  const compiled = new MailComposer({ ...BASE, bcc: "hidden@example.com" }).compile();
  const bytes = await compiled.build();
  assert.match(bytes.toString(), /^Subject: Hello\r$/m);
  assert.doesNotMatch(bytes.toString(), /hidden/);
  compiled.keepBcc = true;
  assert.match((await compiled.build()).toString(), /^Bcc: hidden@example\.com\r$/m);
  assert.match(compiled.messageId(), /^<.+@example\.org>$/);
  assert.deepEqual(compiled.getEnvelope().to, ["bob@example.com", "hidden@example.com"]);
  await new Promise<void>((resolve) =>
    compiled.build((error, buffer) => resolve(void assert.ok(error === null && buffer.length > 0))),
  );
});
