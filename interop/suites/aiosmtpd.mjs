// @ts-check
/**
 * aiosmtpd: what those who come from Python test against.
 *
 * Layer: interop.
 */

import { aheadOfVerdict } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { LIMIT, startAiosmtpd } from "../servers/aiosmtpd.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { FEATURES } from "../table.mjs";

export const name = "aiosmtpd";
export const start = startAiosmtpd;

/**
 * @param {Awaited<ReturnType<typeof startAiosmtpd>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain, submission, smtps } = server;
  const user = { username: USERNAME, password: PASSWORD };

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.startTls, () => tls(server, submission));
  await check(FEATURES.tls, () => tls(server, { ...smtps, ...user }));
  for (const mechanism of ["PLAIN", "LOGIN"]) await check(mechanism, () => login(server, submission, mechanism));
  await check(FEATURES.strongest, () => strongestLogin(server, smtps));
  await check(FEATURES.noLogin, () => noLogin(smtps));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, "none"));
  await check(FEATURES.size, () => sizeLimit(server, plain, LIMIT));
  await check(FEATURES.refused, () => refusedRecipient(server, plain));
  await check(FEATURES.nullSender, () => extensions.nullSender(server, plain));
  await check(FEATURES.longLine, () => veryLongLine(server, plain));
  await check(FEATURES.ahead, () => aheadOfVerdict(server, plain));
  await check(FEATURES.lettersClient, () => lettersOverClient(server, plain));
  await check(FEATURES.lettersPool, () => lettersOverPool(server, { ...smtps, ...user }));
}
