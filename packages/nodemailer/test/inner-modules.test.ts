/**
 * The inner modules that programs import, each asked the same as nodemailer's.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { DKIM } from "../src/dkim.js";
import { nmfetch } from "../src/fetch.js";
import * as mimeFuncs from "../src/mime-funcs.js";
import * as shared from "../src/shared.js";
import { SMTPConnection } from "../src/smtp-connection.js";
import { XOAuth2 } from "../src/xoauth2.js";
import { startServer } from "./support/recording-server.js";

const require = createRequire(import.meta.url);
/** Nodemailer's module of this name. */
const real = (name: string) => {
  const whole = require(`nodemailer/lib/${name}`);
  return whole.default ?? whole;
};

type Calls = Readonly<Record<string, (...parameters: never[]) => unknown>>;

function same(name: string, own: Calls, calls: readonly (readonly [string, ...unknown[]])[]): void {
  for (const [method, ...parameters] of calls) {
    const expected = real(name)[method](...parameters);
    assert.deepEqual(own[method]?.(...(parameters as never[])), expected, `${method}(${JSON.stringify(parameters)})`);
  }
}

test("lib/mime-funcs: encoded words, folding and media types", () => {
  const names = ["a.pdf", "pdf", "x/y.png", "A.DOCX", "nope", "", "txt"];
  const types = ["image/jpeg", "image/png", "text/plain", "text/html", "x/y", "application/pdf", "text/csv", ""];
  same("mime-funcs", mimeFuncs as unknown as Calls, [
    ...names.map((name) => ["detectMimeType", name] as const),
    ...types.slice(1, -1).map((type) => ["detectExtension", type] as const),
    ["encodeWord", "Jürgen Müller"],
    ["encodeWord", 'Jürgen (x) "y"', "Q"],
    ["encodeWord", "Jürgen Müller", "B"],
    ["encodeWords", "plain text"],
    ["encodeWords", "Jürgen Müller abc def"],
    ["encodeWords", "abc Jürgen Müller abc ü def", "Q"],
    ["isPlainText", "abc"],
    ["isPlainText", "ü"],
    ["isPlainText", "a\u0007"],
    ["hasLongerLines", "abc\ndefgh", 4],
    ["hasLongerLines", "abc\r\ndef", 4],
    ["foldLines", "short"],
    ["foldLines", `Subject: ${"word ".repeat(30)}end`],
    ["foldLines", "x".repeat(100)],
  ]);
  for (const encoding of ["Q", "B"]) {
    const encoded = mimeFuncs.encodeWord("äöü😀".repeat(20), encoding, 52);
    for (const word of encoded.split(" ")) assert.ok(word.length <= 52, word);
    const [, folded] = ["", encoded.split(" ").map((word) => word.split("?")[3] ?? "")] as const;
    const bytes = folded.map((word) =>
      encoding === "B"
        ? Buffer.from(word, "base64").toString()
        : Buffer.from(
            word.replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            "latin1",
          ).toString(),
    );
    assert.equal(bytes.join(""), "äöü😀".repeat(20));
  }
});

test("lib/shared: connection URLs, joined options, content and callbacks", async () => {
  same("shared", shared as unknown as Calls, [
    ["parseConnectionUrl", "smtps://user:p%40ss@mx.example:1025/?pool=true&tls.rejectUnauthorized=false"],
    ["parseConnectionUrl", "smtp://mx.example"],
    ["assign", { a: 1 }, { a: 2, b: 3 }, undefined, { tls: { x: 1 } }, { tls: { y: 2 } }],
    ["assign", undefined, { auth: { user: "u" } }],
  ]);
  const data = {
    html: Readable.from(["<p>", "Hi"]),
    text: { content: "SGk=", encoding: "base64" },
    path: { path: "/no" },
  };
  assert.equal((await shared.resolveContent(data, "text")).toString(), "Hi");
  const [error, html] = await new Promise<unknown[]>((resolve) =>
    shared.resolveContent(data, "html", (...parameters) => resolve(parameters)),
  );
  assert.deepEqual([error, String(html)], [null, "<p>Hi"]);
  await assert.rejects(Promise.resolve(shared.resolveContent(data, "path", { disableFileAccess: true })), {
    code: "EFILEACCESS",
  });
  const value = await new Promise((resolve, reject) => shared.callbackPromise(resolve, reject)(null, 5));
  assert.equal(value, 5);
  assert.equal(typeof shared.getLogger({}).info, "function");
});

test("lib/fetch: a stream with status and headers, and an EFETCH", async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/no" ? 404 : 200;
    response.setHeader("x-method", request.method ?? "");
    request.pipe(response);
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const fetch of [nmfetch, real("fetch") as typeof nmfetch]) {
    const answer = fetch(`${url}/`, { method: "post", body: { a: "1", b: "x y" } });
    assert.match(await text(answer), /^a=1&b=x(?:\+|%20)y$/);
    assert.deepEqual([answer.statusCode, answer.headers?.["x-method"]], [200, "POST"]);
    await assert.rejects(text(fetch(`${url}/no`)), { code: "EFETCH" });
    const allowed = fetch(`${url}/no`, { allowErrorResponse: true });
    assert.equal(await text(allowed), "");
    assert.equal(allowed.statusCode, 404);
  }
  await assert.rejects(text(nmfetch(url, { body: "0123456789", maxBytes: 5 })), { code: "EFETCH" });
});

test("lib/xoauth2: a token that is there, one that is asked for, and the response of XOAUTH2", async () => {
  for (const Generator of [XOAuth2, real("xoauth2") as typeof XOAuth2]) {
    let asked = 0;
    const generator = new Generator({
      user: "ann@example.org",
      accessToken: "first",
      provisionCallback: (_user, _renew, callback) => callback(null, `token${++asked}`, Date.now() + 3_600_000),
    });
    const told: unknown[] = [];
    generator.on("token", ({ accessToken }: { accessToken: string }) => told.push(accessToken));
    const token = (renew: boolean) =>
      new Promise<string>((resolve, reject) =>
        generator.getToken(renew, (error, one) => (error ? reject(error) : resolve(one))),
      );
    assert.equal(await token(false), "first");
    assert.equal(await token(true), "token1");
    assert.equal(await token(false), "token1");
    // Nodemailer tells of tokens that it has asked for by itself.
    assert.deepEqual(told, Generator === XOAuth2 ? ["token1"] : []);
    assert.equal(
      Buffer.from(generator.buildXOAuth2Token("t"), "base64").toString(),
      "user=ann@example.org\u0001auth=Bearer t\u0001\u0001",
    );
  }
});

test("lib/dkim: a whole message with its signature in front", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const options = { domainName: "example.org", keySelector: "s1", privateKey: key };
  const message = "From: ann@example.org\r\nTo: bob@example.com\r\nSubject: Hi\r\n\r\nHello\r\n";
  const bodyHash = (field: string): string => /bh=([^;]+);/.exec(field.replace(/\s+/g, ""))?.[1] ?? "";
  const theirs = await text(new (real("dkim") as typeof DKIM)(options).sign(message));
  for (const input of [message, Buffer.from(message), Readable.from([Buffer.from(message)])]) {
    const signed = await text(new DKIM(options).sign(input));
    assert.match(signed, /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.org;/);
    assert.ok(signed.endsWith(message));
    assert.equal(bodyHash(signed), bodyHash(theirs));
  }
  await assert.rejects(text(new DKIM({ ...options, privateKey: "none" }).sign(message)), { code: "ECONFIG" });
});

for (const [name, Connection] of Object.entries({
  here: SMTPConnection,
  nodemailer: real("smtp-connection") as typeof SMTPConnection,
})) {
  test(`lib/smtp-connection: connect, login, send, reset and quit (${name})`, async () => {
    await using server = await startServer({
      answer: (step) => {
        if (!("login" in step) || step.login === undefined || step.login.secret === "right") return undefined;
        return { code: 535, text: "no" };
      },
    });
    const connection = new Connection({ host: "127.0.0.1", port: server.port, ignoreTLS: true });
    const ended = once(connection, "end");
    const call = <Value>(run: (done: (error?: unknown, value?: Value) => void) => void): Promise<Value> =>
      new Promise((resolve, reject) => run((error, value) => (error ? reject(error) : resolve(value as Value))));
    await call((done) => connection.connect(done));
    assert.deepEqual([connection.secure, connection.allowsAuth], [false, true]);
    await call((done) => connection.login({ user: "ann", pass: "right" }, done));
    assert.equal(connection.authenticated, true);
    const envelope = { from: "a@example.org", to: ["b@example.com"] };
    for (const message of ["Subject: one\r\n\r\nHi\r\n", Readable.from([Buffer.from("Subject: two\r\n\r\nHi\r\n")])]) {
      const info = await call<{ accepted: string[]; messageSize: number }>((done) =>
        connection.send(envelope, message, done),
      );
      assert.deepEqual(info.accepted, ["b@example.com"]);
    }
    await assert.rejects(
      call((done) => connection.send({ from: "a@example.org", to: [] }, "x", done)),
      { code: "EENVELOPE" },
    );
    await call((done) => connection.reset(done));
    connection.quit();
    await ended;
    assert.deepEqual(
      server.arrived.map(({ raw }) => raw.toString()),
      ["Subject: one\r\n\r\nHi\r\n", "Subject: two\r\n\r\nHi\r\n"],
    );
  });

  test(`lib/smtp-connection: a wrong password is an EAUTH, a dead port an ESOCKET (${name})`, async () => {
    await using server = await startServer({
      answer: (step) => ("login" in step && step.login !== undefined ? { code: 535, text: "no" } : undefined),
    });
    const connection = new Connection({ host: "127.0.0.1", port: server.port, ignoreTLS: true });
    await new Promise<void>((resolve) => connection.connect(() => resolve()));
    const error = await new Promise<{ code?: string | undefined }>((resolve) =>
      connection.login({ user: "ann", pass: "wrong" }, (reason) => resolve(reason ?? {})),
    );
    assert.equal(error.code, "EAUTH");
    connection.close();
    const dead = new Connection({ host: "127.0.0.1", port: 1 });
    const failed = once(dead, "error");
    dead.connect();
    const [reason] = await failed;
    assert.equal(reason.code, "ESOCKET");
  });
}
