/**
 * Which servers are on this machine, as far as their name tells.
 */

/** A name or an address that never leaves this machine. */
export function isThisMachine(url: URL): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(url.hostname);
}
