// @ts-check
/**
 * Exim: the other great one, with replies of its own.
 *
 * Layer: interop.
 */

import { aheadOfVerdict } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { externalLogin, login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { LIMIT, startExim } from "../servers/exim.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { FEATURES } from "../table.mjs";

export const name = "Exim";
export const start = startExim;

/**
 * @param {Awaited<ReturnType<typeof startExim>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain, submission, smtps } = server;
  const user = { username: USERNAME, password: PASSWORD };

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.startTls, () => tls(server, submission));
  await check(FEATURES.tls, () => tls(server, smtps));
  for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5"])
    await check(mechanism, () => login(server, submission, mechanism));
  await check(FEATURES.external, () => externalLogin(server, submission, server.person));
  await check(FEATURES.strongest, () => strongestLogin(server, smtps));
  await check(FEATURES.noLogin, () => noLogin(submission));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, "encoded"));
  await check(FEATURES.size, () => sizeLimit(server, plain, LIMIT));
  await check(FEATURES.refused, () => refusedRecipient(server, plain));
  await check(FEATURES.nullSender, () => extensions.nullSender(server, plain));
  await check(FEATURES.longLine, () => veryLongLine(server, plain));
  await check(FEATURES.ahead, () => aheadOfVerdict(server, plain));
  await check(FEATURES.lettersClient, () => lettersOverClient(server, plain));
  await check(FEATURES.lettersPool, () => lettersOverPool(server, { ...smtps, ...user }));
  await check(FEATURES.lettersData, () => lettersOverClient(server, { ...submission, ...user, chunking: "never" }));
}
