// @ts-check
/**
 * Debian's Chromium, or the one that CHROMIUM names; installed where that is allowed.
 *
 * Layer: scripts.
 */

import { existsSync } from "node:fs";
import { needPackages } from "../../interop/lab/debian.mjs";

/** Path of the program. */
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** @returns {string} Why there is no browser; empty when there is one. */
export function missingBrowser() {
  if (existsSync(CHROMIUM)) return "";
  if (process.env["CHROMIUM"] !== undefined) return `${CHROMIUM} is not there`;
  try {
    needPackages(["chromium"], [CHROMIUM]);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
