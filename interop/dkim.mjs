// @ts-check
/**
 * Signatures, checked by dkimpy (Debian's python3-dkim): both algorithms, every canonicalization, small messages and a streamed one
 * of 20 MB. `node interop/dkim.mjs`, after `npm run build -- --tests`; where dkimpy is not installed it says so, which counts as a
 * failure with CI=true.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BUILD } from "../scripts/workspace/root.mjs";

const DOMAIN = "example.org";
const LARGE_BYTES = 20e6;
const PYTHON = process.env["PYTHON"] ?? "/usr/bin/python3";

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

const folder = mkdtempSync(join(tmpdir(), "postrider-dkim-"));
try {
  if (hasVerifier()) process.exitCode = (await run()) ? 0 : 1;
  else {
    console.log(`skip  DKIM: ${PYTHON} has no dkimpy (Debian: python3-dkim); PYTHON names another`);
    process.exitCode = process.env["CI"] === "true" ? 1 : 0;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function hasVerifier() {
  try {
    execFileSync(PYTHON, ["-c", "import dkim, nacl"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} Whether all signatures verified. */
async function run() {
  const { cases, records } = await makeCases();
  const manifest = join(folder, "cases.json");
  writeFileSync(manifest, JSON.stringify({ cases, records }));
  const verifier = fileURLToPath(new URL("dkim-verify.py", import.meta.url));
  /** @type {Record<string, string>} */
  const verdicts = JSON.parse(execFileSync(PYTHON, [verifier, manifest], { encoding: "utf8" }));
  const failed = cases.filter(({ name }) => verdicts[name] !== "pass");
  for (const { name } of failed) console.log(`FAIL  ${name}: ${verdicts[name] ?? "no verdict"}`);
  console.log(`${cases.length - failed.length} signatures verified, ${failed.length} did not`);
  return failed.length === 0;
}

/** Signs every message in every way; each lies in a file of its own. */
async function makeCases() {
  const { DkimSigner } = await signing("dkim-signer.js");
  const { dkimDnsRecord } = await signing("dns-record.js");
  const { CANONICALIZATION_PAIRS } = await signing("canonicalization.js");
  const keys = {
    "rsa-sha256": generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    "ed25519-sha256": generateKeyPairSync("ed25519").privateKey,
  };
  const large = await writeLarge();
  /** @type {{ name: string, file: string }[]} */
  const cases = [];
  /** @type {Record<string, string>} */
  const records = {};
  for (const [selector, key] of Object.entries(keys)) {
    const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
    records[`${selector}._domainkey.${DOMAIN}.`] = await dkimDnsRecord(privateKey);
    for (const canonicalization of CANONICALIZATION_PAIRS) {
      const signer = new DkimSigner({ domain: DOMAIN, selector, privateKey, canonicalization });
      const name = `${selector} ${canonicalization}`;
      for (const [kind, text] of Object.entries(SMALL)) {
        const file = join(folder, String(cases.length));
        const message = Buffer.from(text, "latin1");
        writeFileSync(file, `${await signer.sign(message)}\r\n${text}`, "latin1");
        cases.push({ name: `${name}: ${kind}`, file });
      }
      const file = join(folder, String(cases.length));
      const target = createWriteStream(file);
      target.write(`${await signer.sign(createReadStream(large))}\r\n`);
      await finished(createReadStream(large).pipe(target));
      cases.push({ name: `${name}: 20 MB`, file });
    }
  }
  return { cases, records };
}

async function writeLarge() {
  const file = join(folder, "large");
  const target = createWriteStream(file);
  target.write("From: a@example.org\r\nSubject: large\r\n\r\ntext  with \t white space \r\n\r\n");
  const lines = `${"QUJD".repeat(19)}\r\n`.repeat(1000);
  for (let total = 0; total < LARGE_BYTES; total += lines.length) target.write(lines);
  target.end("\r\n\r\n");
  await finished(target);
  return file;
}

/**
 * @param {string} file
 * @returns {Promise<any>}
 */
function signing(file) {
  return import(String(pathToFileURL(join(BUILD, "modules", "dkim", file))));
}
