// @ts-check
/**
 * chasquid: it drops what comes ahead of a verdict, without a word.
 *
 * Layer: interop.
 */

import { aheadOfVerdict, crowdOfCalls, crowdOverClient, crowdOverPool, deadAddresses } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { LIMIT, startChasquid } from "../servers/chasquid.mjs";
import { FEATURES } from "../table.mjs";

export const name = "chasquid";
export const start = startChasquid;

/**
 * @param {Awaited<ReturnType<typeof startChasquid>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain, submission, user } = server;

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.startTls, () => tls(server, { ...submission, ...user }));
  await check(FEATURES.authPlain, () => login(server, submission, "PLAIN"));
  await check(FEATURES.strongest, () => strongestLogin(server, submission));
  await check(FEATURES.noLogin, () => noLogin(plain));
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
  await check(FEATURES.crowdCalls, () => crowdOfCalls(server, plain));
  await check(FEATURES.crowdClient, () => crowdOverClient(server, plain));
  await check(FEATURES.crowdPool, () => crowdOverPool(server, plain));
  await check(FEATURES.deadAddresses, () => deadAddresses(server, plain));
  await check(FEATURES.lettersClient, () => lettersOverClient(server, plain));
  await check(FEATURES.lettersPool, () => lettersOverPool(server, plain));
}
