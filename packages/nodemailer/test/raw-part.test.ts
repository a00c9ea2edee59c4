/**
 * Ready made parts: what is in memory and what is a stream arrive alike, and a stream is not read before its message is sent.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createTransport } from "../src/index.js";
import { failure } from "./support/failure.js";
import { readMessage } from "./support/read-message.js";
import { startServer } from "./support/recording-server.js";

const BASE = { from: "ann@example.org", to: "bob@example.com", subject: "Hello", text: "Hi" };
const HEAD = "Content-Type: text/x-own\r\nContent-Disposition: attachment; filename=own.txt\r\n";
const LINES = "äöü, and a line with = and a space at its end \r\n".repeat(40);
const quoted = [...Buffer.from(LINES)]
  .map((byte) =>
    byte === 13 || byte === 10 ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  )
  .join("")
  .replace(/(?:=[\dA-F]{2}){20}/g, "$&=\r\n");

const PARTS: Readonly<Record<string, string>> = {
  "as it is": `${HEAD}\r\n${LINES}`,
  "in base64": `${HEAD}Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(LINES).toString("base64").replace(/.{76}/g, "$&\r\n")}`,
  "in quoted-printable": `${HEAD}Content-Transfer-Encoding: Quoted-Printable\r\n\r\n${quoted}`,
  "without content": HEAD,
  "several parts": `Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\none\r\n--inner\r\n${HEAD}\r\ntwo\r\n--inner--\r\n`,
};

/** Pieces of so many bytes. */
function pieces(text: string, size: number): Readable {
  const bytes = Buffer.from(text);
  const all = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(all, { objectMode: false });
}

test("a part arrives alike from memory, a stream in pieces of any size, and a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-raw-part-"));
  await using server = await startServer();
  const transporter = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true, pool: true });
  for (const [name, part] of Object.entries(PARTS)) {
    const path = join(folder, "part.eml");
    writeFileSync(path, part);
    const arrive = async (raw: unknown): Promise<unknown> => {
      await transporter.sendMail({ ...BASE, attachments: [{ raw }] } as never);
      const arrived = server.arrived.pop();
      assert.ok(arrived);
      return readMessage(arrived, []);
    };
    const expected = await arrive(part);
    for (const size of [1, 7, 100, 100_000])
      assert.deepEqual(await arrive(pieces(part, size)), expected, `${name}: ${size}`);
    assert.deepEqual(await arrive({ path }), expected, name);
  }
  transporter.close();
  rmSync(folder, { recursive: true });
});

/** Gives a header and then so many chunks of 64 KiB; counts them. */
function large(chunks: number): { stream: Readable; given: () => number } {
  let given = 0;
  const stream = new Readable({
    highWaterMark: 1,
    read() {
      given++;
      this.push(given === 1 ? Buffer.from(`${HEAD}\r\n`) : given > chunks ? null : Buffer.alloc(65_536, "x"));
    },
  });
  return { stream, given: () => given };
}

test("a stream is read while its message is sent, and closed when it is not sent", async () => {
  await using server = await startServer();
  const transporter = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true });
  const { stream, given } = large(200);
  let before = 0;
  transporter.use("stream", (_mail, callback) => {
    before = given();
    callback();
  });
  await transporter.sendMail({ ...BASE, attachments: [{ raw: stream }] });
  assert.ok(before <= 4, `${before} chunks were read before`);
  assert.ok((server.arrived[0]?.raw.length ?? 0) > 199 * 65_536);
  const other = large(200).stream;
  const error = await failure(transporter.sendMail({ ...BASE, to: "", attachments: [{ raw: other }] }));
  assert.equal(error.code, "EENVELOPE");
  assert.equal(other.destroyed, true);
});

test("a header that does not end is an EMESSAGE that names the part", async () => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536, "x");
    })(),
  );
  const transporter = createTransport({ jsonTransport: true });
  const error = await failure(transporter.sendMail({ ...BASE, attachments: [{ raw: endless }] }));
  assert.equal(error.code, "EMESSAGE");
  assert.match(error.message, /^attachments\[0\]\.raw: its header/);
});
