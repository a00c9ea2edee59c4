// @ts-check
/**
 * Mailboxes in memory, for servers that are made of callbacks.
 *
 * Layer: interop.
 */

import { DOMAIN, MAILBOXES, UTF8_MAILBOX } from "../servers/people.mjs";

/** @typedef {import("./maildir.mjs").Delivered} Delivered */

export class Mailboxes {
  /** @type {Delivered[]} */
  #delivered = [];

  /** @param {string} address */
  has(address) {
    return [...MAILBOXES, UTF8_MAILBOX].some((name) => address.normalize() === `${name}@${DOMAIN}`);
  }

  /**
   * @param {readonly string[]} addresses
   * @param {Buffer} bytes
   */
  put(addresses, bytes) {
    for (const address of addresses)
      this.#delivered.push({ mailbox: address.slice(0, address.lastIndexOf("@")), bytes });
  }

  /** @returns {Delivered[]} */
  take() {
    return this.#delivered.splice(0);
  }
}

/**
 * @param {number} responseCode
 * @param {string} text
 */
export function refuse(responseCode, text) {
  return Object.assign(new Error(text), { responseCode });
}
