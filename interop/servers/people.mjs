// @ts-check
/**
 * Who has a mailbox and who may log in: the same on every server.
 *
 * Layer: interop.
 */

export const DOMAIN = "example.org";

/** Mailboxes, by local part. */
export const MAILBOXES = /** @type {const} */ (["ann", "bob", "cai", "sender"]);

/** Where the letters go, in turn. */
export const READERS = /** @type {const} */ (["ann", "bob", "cai"]);

/** For SMTPUTF8. */
export const UTF8_MAILBOX = "jörg";

/** One who does not exist. */
export const UNKNOWN = `nobody-here@${DOMAIN}`;

export const USERNAME = `sender@${DOMAIN}`;

/** SASLprep leaves it as it is; it has characters that each mechanism must carry, or escape, in its own way. */
export const PASSWORD = 'p=ss, w"rd/%40';

/** @param {string} localPart */
export function address(localPart) {
  return `${localPart}@${DOMAIN}`;
}
