// @ts-check
/**
 * sendmail: it takes the next envelope behind the dot, and has no CHUNKING.
 *
 * Layer: interop.
 */

import { aheadOfVerdict, crowdOfCalls, crowdOverClient, crowdOverPool, deadAddresses } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { LIMIT, startSendmail } from "../servers/sendmail.mjs";
import { FEATURES } from "../table.mjs";

export const name = "sendmail";
export const start = startSendmail;

/**
 * @param {Awaited<ReturnType<typeof startSendmail>>} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain } = server;

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, "full"));
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
