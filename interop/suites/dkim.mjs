// @ts-check
/**
 * Signatures, checked by dkimpy, the DKIM of Debian's Python: both algorithms, every canonicalization, small messages and a
 * streamed one of 20 MB.
 *
 * Layer: interop. RFC 6376, RFC 8463.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { ask, needPackages } from "../lab/debian.mjs";
import { makeFolder } from "../lab/folder.mjs";
import { libraryModule } from "../lab/library.mjs";

const DOMAIN = "example.org";
const LARGE_BYTES = 20e6;
const PYTHON = "/usr/bin/python3";
const MODULES = "/usr/lib/python3/dist-packages";
const FORMS = /** @type {const} */ (["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]);

/** @type {Readonly<Record<string, string>>} */
const SMALL = {
  plain: "From: a@example.org\r\nTo: b@example.com\r\nSubject: plain\r\n\r\nHello\r\n",
  "empty body": "From: a@example.org\r\n\r\n",
  "empty lines": "From: a@example.org\r\nSubject: x\r\n\r\n\r\na\r\n\r\n\r\n",
  "white space": "From: a@example.org\r\nSubject:  a \t b\r\n \tc  \r\nX:\r\n\r\n \ta  b \t\r\n\r\n\tc \r\n",
  repeated: "From: a@example.org\r\nTo: b@c.d\r\nTo: e@f.g\r\nReceived: x\r\n\r\nz\r\n",
  "bytes above 127":
    "From: \u00c3\u00a9 <a@example.org>\r\nSubject: \u00e2\u0082\u00ac\r\n\r\n\u00c3\u00a4  \u00ff\r\n",
};

export const name = "dkimpy";

export async function start() {
  needPackages(
    ["python3-dkim", "python3-nacl"],
    [PYTHON, `${MODULES}/dkim/__init__.py`, `${MODULES}/nacl/__init__.py`],
  );
  const folder = makeFolder("dkim");
  const version = ask("dpkg-query", ["-W", "-f", `\${Version}`, "python3-dkim"])?.replace(/-.*/, "") ?? "";
  return { version, folder, stop: async () => folder.remove() };
}

/**
 * @param {Awaited<ReturnType<typeof start>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run({ folder }, check) {
  const keys = {
    "rsa-sha256": generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    "ed25519-sha256": generateKeyPairSync("ed25519").privateKey,
  };
  const large = folder.at("large");
  await pipeline(largeMessage, createWriteStream(large));
  for (const [selector, key] of Object.entries(keys)) {
    const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
    await check(`${selector}, small`, () => verifySmall(folder, selector, privateKey));
    await check(`${selector}, 20 MB`, () => verifyLarge(folder, selector, privateKey, large));
  }
}

/** @typedef {import("../lab/folder.mjs").Folder} Folder */

/**
 * @param {Folder} folder
 * @param {string} selector
 * @param {string} privateKey
 */
async function verifySmall(folder, selector, privateKey) {
  const { DkimSigner } = await libraryModule();
  const cases = [];
  for (const canonicalization of FORMS) {
    const signer = new DkimSigner({ domain: DOMAIN, selector, privateKey, canonicalization });
    for (const [kind, text] of Object.entries(SMALL)) {
      const signature = await signer.sign(Buffer.from(text, "latin1"));
      const file = folder.at(`small-${cases.length}`);
      await pipeline([Buffer.from(`${signature}\r\n${text}`, "latin1")], createWriteStream(file));
      cases.push({ name: `${canonicalization}: ${kind}`, file });
    }
  }
  await verify(folder, selector, privateKey, cases);
}

/**
 * @param {Folder} folder
 * @param {string} selector
 * @param {string} privateKey
 * @param {string} large
 */
async function verifyLarge(folder, selector, privateKey, large) {
  const { DkimSigner } = await libraryModule();
  const cases = [];
  for (const canonicalization of FORMS) {
    const signer = new DkimSigner({ domain: DOMAIN, selector, privateKey, canonicalization });
    const file = folder.at(`large-${cases.length}`);
    const target = createWriteStream(file);
    target.write(`${await signer.sign(createReadStream(large))}\r\n`);
    await pipeline(createReadStream(large), target);
    cases.push({ name: canonicalization, file });
  }
  await verify(folder, selector, privateKey, cases);
}

/**
 * @param {Folder} folder
 * @param {string} selector
 * @param {string} privateKey
 * @param {readonly { name: string, file: string }[]} cases
 */
async function verify(folder, selector, privateKey, cases) {
  const { dkimDnsRecord } = await libraryModule();
  const records = { [`${selector}._domainkey.${DOMAIN}.`]: await dkimDnsRecord(privateKey) };
  const manifest = folder.write("cases.json", JSON.stringify({ cases, records }));
  const verifier = fileURLToPath(new URL("dkim_verify.py", import.meta.url));
  /** @type {unknown} */
  const verdicts = JSON.parse(execFileSync(PYTHON, [verifier, manifest], { encoding: "utf8" }));
  assert.deepEqual(verdicts, Object.fromEntries(cases.map((one) => [one.name, "pass"])));
}

async function* largeMessage() {
  yield "From: a@example.org\r\nSubject: large\r\n\r\ntext  with \t white space \r\n\r\n";
  const lines = `${"QUJD".repeat(19)}\r\n`.repeat(1000);
  for (let total = 0; total < LARGE_BYTES; total += lines.length) yield lines;
  yield "\r\n\r\n";
}
