// @ts-check
/**
 * A temporary folder for one server: configuration, queue, mailboxes, certificate. It goes when the server stops.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, needPackages } from "./debian.mjs";

/** Memory, where there is such a folder: servers write every message to the disk and wait for it, several times. */
const PARENT = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Who owns the mailboxes: Debian's nobody and nogroup, who own nothing else. */
export const MAIL_USER = { uid: 65534, gid: 65534 };

/** @typedef {ReturnType<typeof makeFolder>} Folder */

/** @param {string} name Short: the path of a Unix socket has at most 107 bytes. */
export function makeFolder(name) {
  const path = mkdtempSync(join(PARENT, `postrider-${name}-`));
  // Servers have several users, which must all find their way.
  chmodSync(path, 0o755);
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", remove);
  const at = (/** @type {string} */ file) => join(path, file);
  return {
    path,
    at,
    /** @param {string} file @param {string} text @param {number} [mode] */
    write: (file, text, mode = 0o644) => {
      writeFileSync(at(file), text, { mode });
      return at(file);
    },
    /** @param {string} folder @param {{ uid: number, gid: number }} [owner] */
    folder: (folder, owner) => {
      mkdirSync(at(folder), { recursive: true, mode: 0o755 });
      if (owner !== undefined) chownSync(at(folder), owner.uid, owner.gid);
      return at(folder);
    },
    remove: () => {
      process.off("exit", remove);
      remove();
    },
  };
}

/**
 * A key and a certificate for localhost, or for a person, that signs itself: to trust it is to trust its owner alone.
 * @param {Folder} folder
 * @param {string} [person] An address.
 * @returns {{ key: string, cert: string, ca: string }} Two files, and the text of the second.
 */
export function makeCertificate(folder, person) {
  if (findProgram("openssl") === undefined) needPackages(["openssl"], ["/usr/bin/openssl"]);
  const prefix = person === undefined ? "" : "client-";
  const key = folder.at(`${prefix}key.pem`);
  const cert = folder.at(`${prefix}cert.pem`);
  const request = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"];
  const names = person === undefined ? "DNS:localhost,IP:127.0.0.1" : `email:${person}`;
  const name = ["-subj", `/CN=${person ?? "localhost"}`, "-addext", `subjectAltName=${names}`];
  execFileSync("openssl", [...request, ...name, "-keyout", key, "-out", cert], { stdio: "ignore" });
  chmodSync(key, 0o600);
  return { key, cert, ca: readFileSync(cert, "utf8") };
}
