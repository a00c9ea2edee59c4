// @ts-check
/**
 * The small operations of which a message is made, each with usual input.
 *
 * Layer: bench.
 */

import { randomBytes } from "node:crypto";
import { plainText } from "../clients/job.mjs";

/**
 * @typedef {object} Operation
 * @property {string} name
 * @property {number} bytes Of input, for one run.
 * @property {() => unknown} run
 */

/**
 * @param {import("./modules.mjs").Modules} modules
 * @returns {Operation[]}
 */
export function operations(modules) {
  return [...ofTheWire(modules), ...ofEncodings(modules), ...ofHeaders(modules)];
}

/**
 * @param {import("./modules.mjs").Modules} modules
 * @returns {Operation[]}
 */
function ofTheWire({ ReplyParser, scanForWire, stuffDots, normalizeLineEndings }) {
  const replies = Buffer.from(
    "250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
  );
  const parser = new ReplyParser();
  const mail = Buffer.from(plainText(100_000));
  const dotted = Buffer.from(plainText(100_000).replaceAll("\r\nThe", "\r\n.he"));
  const unix = Buffer.from(plainText(100_000).replaceAll("\r\n", "\n"));
  return [
    {
      name: "replies: four in a segment",
      bytes: replies.length,
      run: () => {
        parser.push(replies);
        while (parser.next() !== undefined);
      },
    },
    { name: "content scan", bytes: mail.length, run: () => scanForWire(mail) },
    { name: "dot-stuffing: no dots", bytes: mail.length, run: () => stuffDots(mail) },
    { name: "dot-stuffing: every line", bytes: dotted.length, run: () => stuffDots(dotted) },
    { name: "line ends: CRLF already", bytes: mail.length, run: () => normalizeLineEndings(mail) },
    { name: "line ends: from LF", bytes: unix.length, run: () => normalizeLineEndings(unix) },
  ];
}

/**
 * @param {import("./modules.mjs").Modules} modules
 * @returns {Operation[]}
 */
function ofEncodings({ writeBase64, base64Length, encodeQuotedPrintable }) {
  const bytes = randomBytes(1_000_000);
  const target = Buffer.alloc(base64Length(bytes.length));
  const german = Buffer.from("Grüße aus Zürich: die Übergabe erfolgt am Dienstag, wie besprochen.\r\n".repeat(1000));
  return [
    { name: "base64", bytes: bytes.length, run: () => writeBase64(bytes, target, 0) },
    { name: "quoted-printable", bytes: german.length, run: () => encodeQuotedPrintable(german, "keep") },
  ];
}

/**
 * @param {import("./modules.mjs").Modules} modules
 * @returns {Operation[]}
 */
function ofHeaders({ formatField, parseAddressList, parseHeaders }) {
  const subject = "A subject of a usual length, with nothing special in it";
  const german = "Übergabe der Unterlagen – Terminbestätigung für Dienstag";
  const list = Array.from({ length: 100 }, (_, index) => `"Doe, Jane ${index}" <jane.doe.${index}@example.com>`).join(
    ", ",
  );
  const one = "Jane Doe <jane.doe@example.com>";
  const headers = Buffer.from(
    `${Array.from({ length: 30 }, (_, index) => `X-Header-${index}: some value\r\n`).join("")}\r\n`,
  );
  const field = (/** @type {string} */ name, /** @type {string} */ value) => ({
    bytes: value.length,
    run: () => formatField(name, value, "ascii"),
  });
  return [
    { name: "header: ASCII subject", ...field("Subject", subject) },
    { name: "header: German subject", ...field("Subject", german) },
    { name: "header: To with 100 addresses", ...field("To", list) },
    { name: "addresses: one", bytes: one.length, run: () => parseAddressList(one) },
    { name: "addresses: 100", bytes: list.length, run: () => parseAddressList(list) },
    { name: "headers read back: 30", bytes: headers.length, run: () => parseHeaders(headers) },
  ];
}
