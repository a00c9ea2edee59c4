// @ts-check
/**
 * Reads what a server put into Maildirs. What was read is removed: each check finds only its own.
 *
 * Layer: interop.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Delivered
 * @property {string} mailbox
 * @property {Buffer} bytes With CRLF, as they were on the wire.
 */

/**
 * @param {string} parent The folder that has a Maildir for each mailbox.
 * @param {string} [inside] Where in the mailbox's folder the Maildir is.
 * @returns {Delivered[]}
 */
export function takeFromMaildirs(parent, inside = "") {
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((mailbox) => {
    const folder = join(parent, mailbox, inside, "new");
    if (!existsSync(folder)) return [];
    return readdirSync(folder).map((name) => {
      const file = join(folder, name);
      const bytes = withCrlf(readFileSync(file));
      rmSync(file);
      return { mailbox, bytes };
    });
  });
}

/** @param {Buffer} bytes Mailboxes are kept with LF; a lone CR is of the message and stays. */
function withCrlf(bytes) {
  return Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}
