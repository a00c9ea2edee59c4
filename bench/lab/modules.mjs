// @ts-check
/**
 * The modules of the library that benchmarks look at one by one. The package is one file; these are its modules before they
 * were joined.
 *
 * Layer: bench.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MODULES } from "../../scripts/workspace/root.mjs";

/**
 * @typedef {typeof import("../../packages/postrider/src/address/parser.js")
 *   & typeof import("../../packages/postrider/src/text/base64.js")
 *   & Pick<typeof import("../../packages/postrider/src/dkim/canonicalization.js"), "BodyHash">
 *   & Pick<typeof import("../../packages/postrider/src/dkim/canonicalization.js"), "parseHeaderBlock">
 *   & Pick<typeof import("../../packages/postrider/src/address/domain.js"), "domainToAscii">
 *   & Pick<typeof import("../../packages/postrider/src/message/attachment.js"), "dataUriAttachment">
 *   & Pick<typeof import("../../packages/postrider/src/message/html/attributes.js"), "htmlAttributes">
 *   & Pick<typeof import("../../packages/postrider/src/sasl/scram.js"), "ScramExchange">
 *   & Pick<typeof import("../../packages/postrider/src/submission/raw-header.js"), "readRawHeader">
 *   & Pick<typeof import("../../packages/postrider/src/wire/command.js"), "checkParameters">
 *   & Pick<typeof import("../../packages/postrider/src/message/encoding/quoted-printable.js"), "encodeQuotedPrintable">
 *   & Pick<typeof import("../../packages/postrider/src/message/header/content-type.js"), "parseContentType">
 *   & Pick<typeof import("../../packages/postrider/src/text/decode-words.js"), "decodeEncodedWords">
 *   & Pick<typeof import("../../packages/postrider/src/message/header/field.js"), "formatField">
 *   & Pick<typeof import("../../packages/postrider/src/message/header/parse.js"), "parseHeaders">
 *   & Pick<typeof import("../../packages/postrider/src/text/content-scan.js"), "scanForWire">
 *   & Pick<typeof import("../../packages/postrider/src/wire/dot-stuffing.js"), "stuffDots">
 *   & Pick<typeof import("../../packages/postrider/src/text/line-ends.js"), "normalizeLineEndings">
 *   & Pick<typeof import("../../packages/postrider/src/wire/reply.js"), "ReplyParser">} Modules
 */

const FILES = [
  "dkim/canonicalization",
  "address/domain",
  "message/attachment",
  "message/html/attributes",
  "sasl/scram",
  "submission/raw-header",
  "wire/command",
  "address/parser",
  "text/base64",
  "message/encoding/quoted-printable",
  "message/header/content-type",
  "text/decode-words",
  "message/header/field",
  "message/header/parse",
  "wire/dot-stuffing",
  "text/line-ends",
  "wire/reply",
  "text/content-scan",
];

/** @returns {Promise<Modules>} */
export async function loadModules() {
  const files = FILES.map((file) => String(pathToFileURL(join(MODULES, "postrider", `${file}.js`))));
  const modules = await Promise.all(files.map((file) => import(file)));
  return Object.assign({}, ...modules);
}
