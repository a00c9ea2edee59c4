/**
 * The transporter as programs use it: the same calls to nodemailer and to this package.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import real from "nodemailer";
import ours from "../src/index.js";
import { failure } from "./support/failure.js";
import { type RecordingServer, startServer } from "./support/recording-server.js";

type Library = { createTransport(options?: unknown, defaults?: unknown): Transporter };
interface Transporter {
  sendMail(data: object, callback?: (error: Error | null, info: Info) => void): Promise<Info>;
  verify(callback?: (error: Error | null, success: boolean) => void): Promise<boolean>;
  use(step: string, plugin: (mail: Mail, callback: (error?: Error) => void) => void): Transporter;
  on(event: string, listener: (...parameters: unknown[]) => void): unknown;
  set(key: string, value: unknown): unknown;
  get(key: string): unknown;
  close(): void;
  isIdle(): boolean;
  readonly options: Record<string, unknown>;
  readonly transporter: { readonly name: string };
}
type Info = Record<string, unknown> & { envelope: { from: string; to: string[] }; response: string };
interface Mail {
  data: Record<string, unknown>;
  message: { setHeader(name: string, value: string): void; getEnvelope(): unknown; build(): Promise<Buffer> };
  resolveContent(data: object, key: string, callback: (error: Error | null, content: string | Buffer) => void): void;
  normalize(callback: (error: Error | null, data: Record<string, unknown>) => void): void;
}

const BASE = { from: "Ann <ann@example.org>", to: "bob@example.com", subject: "Hello", text: "Hi" };
const BOTH = [
  ["nodemailer", real as unknown as Library],
  ["this package", ours as unknown as Library],
] as const;

/** Proof that a test is fair: it passes with nodemailer as well. */
function both(name: string, run: (library: Library, server: RecordingServer) => Promise<void>): void {
  for (const [which, library] of BOTH) {
    test(`${name} (${which})`, async () => {
      await using server = await startServer();
      await run(library, server);
    });
  }
}

const at = ({ port }: RecordingServer): Record<string, unknown> => ({ host: "127.0.0.1", port, ignoreTLS: true });

both("info tells what became of the message", async (library, server) => {
  const info = await library.createTransport(at(server)).sendMail({ ...BASE, cc: "carol@example.com" });
  assert.deepEqual(info.envelope, { from: "ann@example.org", to: ["bob@example.com", "carol@example.com"] });
  assert.deepEqual(info["accepted"], ["bob@example.com", "carol@example.com"]);
  assert.deepEqual(info["rejected"], []);
  assert.match(info.response, /^250 /);
  assert.match(String(info["messageId"]), /^<[^@]+@example\.org>$/);
  assert.ok((info["ehlo"] as string[]).includes("PIPELINING"));
  for (const name of ["envelopeTime", "messageTime", "messageSize"]) assert.equal(typeof info[name], "number", name);
  assert.ok(Number(info["messageSize"]) > 100);
});

both("options are read as people write them", async (library, server) => {
  const { port } = server;
  const ways: unknown[] = [
    `smtp://127.0.0.1:${port}/?ignoreTLS=true`,
    { ...at(server), port: String(port) },
    { ...at(server), auth: undefined, tls: undefined, service: undefined, nothing: "of this name" },
    { ...at(server), auth: null, proxy: null, localAddress: undefined },
    { url: `smtp://127.0.0.1:${port}`, ignoreTLS: true },
    { ...at(server), secure: false, requireTLS: false, tls: { rejectUnauthorized: false } },
    { ...at(server), name: "client.example.org", connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 5000 },
  ];
  for (const options of ways) assert.match((await library.createTransport(options).sendMail(BASE)).response, /^250 /);
  assert.equal(server.arrived.length, ways.length);
});

both("calls take a callback", async (library, server) => {
  const transporter = library.createTransport(at(server));
  const info = await new Promise<Info>((resolve, reject) => {
    const returned = transporter.sendMail(BASE, (error, value) => (error ? reject(error) : resolve(value)));
    assert.equal(returned, undefined);
  });
  assert.match(info.response, /^250 /);
  assert.equal(await new Promise((resolve) => transporter.verify((_error, success) => resolve(success))), true);
  const error = await new Promise<Error | null>((resolve) =>
    transporter.sendMail({ ...BASE, to: "" }, resolve as never),
  );
  assert.equal((error as { code?: string }).code, "EENVELOPE");
});

both("defaults fill in what a message lacks", async (library, server) => {
  const transporter = library.createTransport(at(server), {
    from: "default@example.org",
    headers: { "X-Default": "1" },
  });
  await transporter.sendMail({ to: "bob@example.com", text: "x", headers: { "X-Own": "2" } });
  const raw = server.arrived[0]?.raw.toString() ?? "";
  for (const field of [/^From: default@example\.org/m, /^X-Default: 1/m, /^X-Own: 2/m]) assert.match(raw, field);
});

both("plugins see the message before and after it is compiled", async (library, server) => {
  const transporter = library.createTransport(at(server));
  transporter.use("compile", (mail, done) => {
    mail.resolveContent(mail.data, "text", (error, text) => {
      if (error) return done(error);
      mail.data["html"] = `<p>${String(text)}</p>`;
      done();
    });
  });
  transporter.use("stream", (mail, done) => {
    mail.message.setHeader("X-Plugin", "was here");
    assert.deepEqual(mail.message.getEnvelope(), { from: "ann@example.org", to: ["bob@example.com"] });
    done();
  });
  await transporter.sendMail(BASE);
  const raw = server.arrived[0]?.raw.toString() ?? "";
  for (const part of [/<p>Hi<\/p>/, /^X-Plugin: was here/m]) assert.match(raw, part);
  const failing = library.createTransport(at(server)).use("compile", (_mail, done) => done(new Error("not today")));
  assert.equal((await failure(failing.sendMail(BASE))).message, "not today");
});

both("a transport of the program's own gets the message", async (library) => {
  const seen: unknown[] = [];
  const transport = {
    name: "own",
    version: "1.0.0",
    send(mail: Mail, callback: (error: Error | null, info?: object) => void) {
      mail.normalize((error, data) => {
        if (error) return callback(error);
        mail.message.build().then((bytes) => {
          seen.push(data["to"], /^Subject: Hello/m.test(bytes.toString()));
          callback(null, { taken: true });
        }, callback);
      });
    },
  };
  const transporter = library.createTransport(transport);
  assert.equal(transporter.transporter.name, "own");
  assert.deepEqual(await transporter.sendMail(BASE), { taken: true });
  assert.deepEqual(seen, [[{ address: "bob@example.com", name: "" }], true]);
});

both("a pool sends many messages, and tells when it is idle", async (library, server) => {
  const pool = library.createTransport({ ...at(server), pool: true, maxConnections: 2, maxMessages: 3 });
  const idle = new Promise<void>((resolve) => void pool.on("idle", () => resolve()));
  await idle;
  assert.equal(pool.isIdle(), true);
  const sent = await Promise.all(Array.from({ length: 10 }, () => pool.sendMail(BASE)));
  assert.equal(sent.length, 10);
  for (const info of sent) {
    assert.ok((info["ehlo"] as string[]).includes("PIPELINING"));
    assert.ok(Number(info["messageSize"]) > 100);
  }
  assert.equal(server.arrived.length, 10);
  pool.close();
  assert.equal((await failure(pool.sendMail(BASE))).code, "ECONNECTION");
});

both("a connection of the program's own is used", async (library, server) => {
  const getSocket = (_options: unknown, callback: (error: null, answer: object) => void) => {
    const connection = connect(server.port, "127.0.0.1", () => callback(null, { connection }));
  };
  await library.createTransport({ host: "mail.example.org", ignoreTLS: true, getSocket }).sendMail(BASE);
  const none = (_options: unknown, callback: (error: null, answer: false) => void) => callback(null, false);
  await library.createTransport({ ...at(server), getSocket: none }).sendMail(BASE);
  assert.equal(server.arrived.length, 2);
});

both("set and get keep what plugins agree on", async (library, server) => {
  const transporter = library.createTransport(at(server));
  transporter.set("anything", 5);
  assert.equal(transporter.get("anything"), 5);
  assert.equal(transporter.options["host"], "127.0.0.1");
});

both("a logger hears the dialogue and no password", async (library) => {
  await using server = await startServer();
  const lines: string[] = [];
  const log = (...parameters: unknown[]): void => void lines.push(JSON.stringify(parameters));
  const logger = { level: () => undefined, trace: log, debug: log, info: log, warn: log, error: log, fatal: log };
  await library
    .createTransport({ ...at(server), logger, debug: true, auth: { user: "u", pass: "s3cret!!" } })
    .sendMail(BASE);
  const text = lines.join("\n");
  assert.match(text, /EHLO/);
  for (const secret of ["s3cret!!", Buffer.from("\0u\0s3cret!!").toString("base64")]) assert.ok(!text.includes(secret));
});

test("files and URLs are not opened where the program forbids it", async () => {
  await using server = await startServer();
  const cases = [
    [{ disableFileAccess: true, attachments: [{ path: import.meta.filename }] }, "EFILEACCESS"],
    [{ disableUrlAccess: true, html: { href: "http://127.0.0.1:9/" } }, "EURLACCESS"],
  ] as const;
  for (const [fields, code] of cases) {
    // nodemailer refuses too; which code it gives depends on where the content stands.
    await failure(real.createTransport(at(server)).sendMail({ ...BASE, ...fields } as never));
    assert.equal(
      (await failure(ours.createTransport(at(server)).sendMail({ ...BASE, ...fields } as never))).code,
      code,
    );
    // What the transport forbids, no message allows.
    const { attachments, html, ...forbidden } = fields as Record<string, unknown>;
    const transporter = ours.createTransport({ ...at(server), ...forbidden } as never);
    const message = { ...BASE, attachments, html, disableFileAccess: false, disableUrlAccess: false };
    assert.equal((await failure(transporter.sendMail(message as never))).code, code);
  }
});

test("strict: true gives errors where one reading is guessed otherwise", async () => {
  await using server = await startServer();
  const strict = ours.createTransport({ ...at(server), strict: true } as never);
  const cases = [
    [{ to: "a@example.com, " }, "EENVELOPE"],
    [{ to: "a@example.com; b@example.com" }, "EENVELOPE"],
    [{ subject: "a\r\nb" }, "EMESSAGE"],
    [{ attachments: [{ path: import.meta.filename }] }, "EFILEACCESS"],
    [{ html: { href: "http://127.0.0.1:9/" } }, "EURLACCESS"],
  ] as const;
  for (const [fields, code] of cases)
    assert.equal((await failure(strict.sendMail({ ...BASE, ...fields } as never))).code, code);
  assert.equal(server.arrived.length, 0);
  await strict.sendMail(BASE);
});

test("content that is waited for, and empty lists, are what they say", async () => {
  await using server = await startServer();
  const message = {
    ...BASE,
    attachments: [{ filename: "a.txt", content: Promise.resolve("later") as never }],
    list: { help: [] },
  };
  await ours.createTransport(at(server)).sendMail(message);
  const raw = server.arrived[0]?.raw.toString() ?? "";
  assert.match(raw, /bGF0ZXI=/);
  assert.doesNotMatch(raw, /^List-Help/m);
});

/** Failures whose code, command and reply programs look at. */
const FAILURES: readonly (readonly [name: string, options: object, message: object])[] = [
  ["a sender that the server refuses", {}, { from: "bad@example.org" }],
  ["all recipients refused", {}, { to: "bad1@example.com, bad2@example.com" }],
  ["content that the server refuses", {}, { from: "spam@example.org" }],
  ["a wrong password", { auth: { user: "u", pass: "not-this-one" } }, {}],
  ["no password", { auth: { user: "u" } }, {}],
  ["STARTTLS that is not there", { ignoreTLS: false, requireTLS: true }, {}],
  ["TLS to a plain port", { secure: true }, {}],
  ["nobody listens", { port: 1 }, {}],
  ["a host that does not exist", { host: "host.invalid" }, {}],
  ["no recipients", {}, { to: undefined }],
  ["too many recipients", { maxRecipients: 1 }, { to: "a@example.com, b@example.com" }],
  ["a file that is not there", {}, { attachments: [{ path: "/nowhere/file.txt" }] }],
];

test("failures have nodemailer's code, command and reply", async (t) => {
  await using server = await startServer({
    answer: (step) => {
      if (step.step === "mail" && step.sender.startsWith("bad")) return { code: 553, text: "no such sender" };
      if (step.step === "rcpt" && step.recipient.startsWith("bad")) return { code: 550, text: "no such user" };
      if ("login" in step && step.login !== undefined) return { code: 535, text: "wrong" };
      if (step.step === "content" && step.sender.startsWith("spam")) return { code: 554, text: "spam" };
      return undefined;
    },
  });
  for (const [name, options, message] of FAILURES) {
    await t.test(name, async () => {
      const facts = [];
      for (const [, library] of BOTH) {
        const transporter = library.createTransport({ ...at(server), ...options });
        const { code, command, response, responseCode, permanent, rejected } = await failure(
          transporter.sendMail({ ...BASE, ...message }),
        );
        facts.push({
          code,
          command,
          responseCode,
          permanent,
          rejected,
          response: name.includes("STARTTLS") ? undefined : response,
        });
      }
      if (name.includes("STARTTLS"))
        for (const one of facts) Object.assign(one, { responseCode: undefined, permanent: undefined });
      assert.deepEqual(facts[1], facts[0]);
    });
  }
});

test("some recipients refused: the others get the message, and info tells why", async () => {
  await using server = await startServer({
    answer: (step) =>
      step.step === "rcpt" && step.recipient.startsWith("bad") ? { code: 550, text: "no such user" } : undefined,
  });
  for (const [, library] of BOTH) {
    const info = await library.createTransport(at(server)).sendMail({ ...BASE, to: "bad@example.com, ok@example.com" });
    assert.deepEqual([info["accepted"], info["rejected"]], [["ok@example.com"], ["bad@example.com"]]);
    const [error] = info["rejectedErrors"] as { code: string; responseCode: number; recipient: string }[];
    assert.deepEqual([error?.code, error?.responseCode, error?.recipient], ["EENVELOPE", 550, "bad@example.com"]);
  }
});

test("errors carry the outcome and whether to try again", async () => {
  const error = await failure(ours.createTransport({ host: "127.0.0.1", port: 1 }).sendMail(BASE));
  assert.deepEqual([error["outcome"], error["retry"]], ["not-sent", "later"]);
});

test("an abort is an EABORT", async () => {
  await using server = await startServer();
  for (const [, library] of BOTH) {
    const error = await failure(library.createTransport(at(server)).sendMail({ ...BASE, signal: AbortSignal.abort() }));
    assert.equal(error.code, "EABORT");
  }
});
