// @ts-check
/**
 * What each relay is asked that takes mail in clear text: the extensions, refusals, and crowds of messages.
 *
 * Layer: interop.
 */

import { FEATURES } from "../table.mjs";
import { aheadOfVerdict, crowdOfCalls, crowdOverClient, crowdOverPool, deadAddresses } from "./crowds.mjs";
import * as extensions from "./extensions.mjs";
import { lettersOverClient, lettersOverPool } from "./letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "./refusals.mjs";

/**
 * @param {any} server
 * @param {import("../suites/suites.mjs").Check} check
 * @param {{ limit: number, dsn: Parameters<typeof extensions.dsn>[2] }} expected the server's SIZE, and what it makes of DSN
 */
export async function askClearTextRelay(server, check, { limit, dsn }) {
  const { plain } = server;

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, dsn));
  await check(FEATURES.size, () => sizeLimit(server, plain, limit));
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
