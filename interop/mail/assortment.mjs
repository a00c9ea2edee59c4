// @ts-check
/**
 * Two hundred messages of twenty kinds, the same in every run, each with the bytes that must arrive.
 *
 * Layer: interop.
 */

import { composeModule, libraryModule } from "../lab/library.mjs";
import { fragments, pseudoRandomBytes, sentences } from "./filler.mjs";

/**
 * @typedef {import("../../packages/postrider/src/index.js").MessageInput} MessageInput
 * @typedef {import("../../packages/postrider/src/index.js").MessageFields} MessageFields
 *
 * @typedef {object} Letter
 * @property {string} key In the field X-Interop, so that it is known again.
 * @property {() => MessageInput} input Called once for each sending: a stream serves once.
 * @property {Uint8Array} expected
 * @property {string} kind
 */

export const LETTERS = 200;

const HTML = '<h1>Grüße</h1>\n<p>.</p>\n.\n<p>An image: <img src="cid:dot@example.org"></p>\n';
const GREEK = "Ἐν ἀρχῇ ἦν ὁ λόγος. 日本語のテキスト。 Ünïcödé 🙂\n";
const DOTS = ".\n..\n.leading\n\n.\n.. two\nend.\n.\n";

/** @type {Record<string, (n: number) => Partial<MessageFields>>} */
const COMPOSED = {
  plain: (n) => ({ text: sentences(n, 5) }),
  "dots at line starts": () => ({ text: `${DOTS}${DOTS}` }),
  "no text at all": () => ({ text: "" }),
  "no line end at the end": () => ({ text: "first\nlast line" }),
  "text and HTML": (n) => ({ text: sentences(n, 3), html: `<p>${sentences(n, 3)}</p>` }),
  "text, HTML and an image inside": (n) => ({
    text: "An image",
    html: HTML,
    attachments: [{ content: pseudoRandomBytes(n, 800), contentId: "dot@example.org", contentType: "image/png" }],
  }),
  "binary attachments": (n) => ({
    text: "Two attachments",
    attachments: [
      { content: pseudoRandomBytes(n, 1 + n * 190), filename: "data.bin" },
      { content: pseudoRandomBytes(n + 1, 57 * 3), filename: "Übersicht für alle.dat" },
    ],
  }),
  "a large attachment that is streamed": (n) => ({
    text: "Large",
    attachments: [{ content: () => fragments(pseudoRandomBytes(n, 300_000), 8191), filename: "large.bin" }],
  }),
  "UTF-8 in text, subject and names": (n) => ({
    from: { name: "Jörg Müller", address: "sender@example.org" },
    subject: `${GREEK.trim()} ${n}`,
    text: GREEK.repeat(4),
  }),
  "UTF-8 as it is (8bit)": () => ({ text: { content: `${GREEK}${DOTS}`, encoding: "8bit" } }),
  "ISO 8859-1": () => ({ text: { content: "Füße, Ångström, ½\n", charset: "iso-8859-1" } }),
  "long lines": (n) => ({ text: `${"long ".repeat(700 + n)}\n${"x".repeat(5000)}\nshort\n` }),
  "long headers": (n) => ({
    subject: sentences(n, 12).replaceAll("\n", " ").trim(),
    references: Array.from({ length: 30 }, (_, index) => `<reference-${n}-${index}@example.org>`),
    headers: { "X-Long": "word ".repeat(120).trim() },
    text: "See above\n",
  }),
  "spaces at line ends": () => ({ text: "trailing \ntab\t\n  leading\nFrom here\n>From there\n \n\n\n" }),
};

/** @type {Record<string, (head: string, n: number) => string | Uint8Array>} */
const RAW = {
  "raw, lone LF": (head, n) => `${head}\n${sentences(n, 4)}${DOTS}`.replaceAll("\r\n", "\n"),
  "raw, every kind of line end": (head) => `${head}\r\none\ntwo\rthree\r\n\r\r\n.\r\n.\n.\r..\r\nlast`,
  "raw, eight bits": (head) => `${head.replace("X-Kind", "Subject: Füße\r\nX-Kind")}\r\n${GREEK}${DOTS}`,
  "raw, bytes that are no UTF-8": (head) =>
    Buffer.concat([
      Buffer.from(`${head}\r\n`),
      Buffer.from(Array.from({ length: 223 }, (_, byte) => byte + 32)),
      Buffer.from("\r\n"),
    ]),
  "raw, lines of 998 bytes": (head, n) => `${head}\r\n${`.${"y".repeat(997)}\r\n`.repeat(3 + (n % 5))}`,
  "raw, a stream in small pieces": (head, n) => `${head}\r\n${DOTS}${sentences(n, 3)}\r\n.\r\n\r\n`,
};

/**
 * @param {string} prefix Of their keys.
 * @param {boolean} eightBit Whether the server offers 8BITMIME.
 * @returns {Promise<Letter[]>}
 */
export async function assortment(prefix, eightBit) {
  const { EmailMessage } = await libraryModule();
  const { compose } = await composeModule();
  const kinds = [...Object.keys(COMPOSED), ...Object.keys(RAW)];
  return Promise.all(
    Array.from({ length: LETTERS }, async (_, n) => {
      const kind = kinds[n % kinds.length] ?? "plain";
      const key = `${prefix}-${n}`;
      const raw = RAW[kind];
      if (raw !== undefined) return rawLetter(key, kind, raw, n);
      const fields = COMPOSED[kind]?.(n) ?? {};
      const message = new EmailMessage({
        from: "sender@example.org",
        to: "ann@example.org",
        bcc: "hidden@example.org",
        subject: `${kind} ${n}`,
        ...fields,
        headers: { ...fields.headers, "X-Interop": key },
      });
      const { content } = compose(message, { eightBit, utf8: false });
      const expected = await bytesOf(content);
      return { key, kind, input: () => message, expected };
    }),
  );
}

/**
 * @param {string} key
 * @param {string} kind
 * @param {(head: string, n: number) => string | Uint8Array} make
 * @param {number} n
 * @returns {Letter}
 */
function rawLetter(key, kind, make, n) {
  const content = make(
    `From: sender@example.org\r\nTo: ann@example.org\r\nDate: Fri, 02 Jan 2026 10:00:00 +0000\r\nMessage-ID: <${key}@example.org>\r\nX-Kind: ${kind}\r\nX-Interop: ${key}\r\n`,
    n,
  );
  const expected = wireForm(Buffer.from(/** @type {Uint8Array} */ (content)));
  const isStream = kind.includes("stream");
  const input = isStream ? () => fragments(Buffer.from(/** @type {string} */ (content)), 1 + (n % 7)) : () => content;
  return { key, kind, input, expected };
}

/**
 * Only CRLF, and one at the end. Written apart from the library's own: it is what that is measured by.
 * @param {Buffer} bytes
 */
export function wireForm(bytes) {
  const text = bytes.toString("latin1").replace(/\r\n|\r|\n/g, "\r\n");
  return Buffer.from(text.endsWith("\r\n") || text === "" ? text : `${text}\r\n`, "latin1");
}

/**
 * @param {Uint8Array | (() => AsyncIterable<Uint8Array>)} content
 * @returns {Promise<Buffer>}
 */
async function bytesOf(content) {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const pieces = [];
  for await (const piece of content()) pieces.push(piece);
  return Buffer.concat(pieces);
}
