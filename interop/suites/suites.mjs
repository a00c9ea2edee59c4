// @ts-check
/**
 * The suites there are, in the order in which they run.
 *
 * Layer: interop.
 */

import * as aiosmtpd from "./aiosmtpd.mjs";
import * as chasquid from "./chasquid.mjs";
import * as dkim from "./dkim.mjs";
import * as dovecot from "./dovecot.mjs";
import * as exim from "./exim.mjs";
import * as haraka from "./haraka.mjs";
import * as opensmtpd from "./opensmtpd.mjs";
import { otherVersions, outbox } from "./outbox.mjs";
import * as outboxPrograms from "./outbox-programs.mjs";
import * as postfix from "./postfix.mjs";
import { microsocks, tinyproxy } from "./proxies.mjs";
import * as sendmail from "./sendmail.mjs";
import * as smtpServer from "./smtp-server.mjs";
import { rspamd, spamAssassin } from "./spam-filters.mjs";

/**
 * @typedef {(feature: string, attempt: () => Promise<string | void>) => Promise<void>} Check
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {boolean} [isOption] Runs only when a word selects it.
 * @property {() => Promise<{ version: string, stop: () => Promise<void> }>} start
 * @property {(server: any, check: Check) => Promise<void>} run
 */

/** @type {readonly Suite[]} */
export const SUITES = [
  postfix,
  exim,
  opensmtpd,
  dovecot.lmtp,
  dovecot.submission,
  aiosmtpd,
  smtpServer,
  haraka,
  chasquid,
  sendmail,
  tinyproxy,
  microsocks,
  dkim,
  rspamd,
  spamAssassin,
  outbox,
  ...otherVersions,
  outboxPrograms,
];
