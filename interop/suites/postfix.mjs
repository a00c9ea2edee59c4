// @ts-check
/**
 * Postfix: everything it offers.
 *
 * Layer: interop.
 */

import { aheadOfVerdict, crowdOfCalls, crowdOverClient, crowdOverPool, deadAddresses } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { SMALL, startPostfix } from "../servers/postfix.mjs";
import { FEATURES } from "../table.mjs";

/** @typedef {import("./suites.mjs").Check} Check */

export const name = "Postfix";
export const start = startPostfix;

/**
 * @param {Awaited<ReturnType<typeof startPostfix>>} server
 * @param {Check} check
 */
export async function run(server, check) {
  const { plain, submission, smtps, spartan, small, stress, token } = server;
  const user = { username: USERNAME, password: PASSWORD };

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await check(FEATURES.startTls, () => tls(server, { ...submission, ...user }));
  await check(FEATURES.tls, () => tls(server, { ...smtps, ...user }));
  for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
    await check(mechanism, () => login(server, submission, mechanism));
  for (const mechanism of ["OAUTHBEARER", "XOAUTH2"])
    await check(mechanism, () => login(server, smtps, mechanism, token));
  await check(FEATURES.strongest, () => strongestLogin(server, smtps));
  await check(FEATURES.noLogin, () => noLogin(submission));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.withoutPipelining, () => withoutPipelining(server, spartan));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, "full"));
  await check(FEATURES.size, () => sizeLimit(server, small, SMALL));
  await check(FEATURES.refused, () => refusedRecipient(server, plain));
  await check(FEATURES.nullSender, () => extensions.nullSender(server, plain));
  await check(FEATURES.longLine, () => veryLongLine(server, plain));
  await check(FEATURES.ahead, () => aheadOfVerdict(server, plain));
  await check(FEATURES.crowdCalls, () => crowdOfCalls(server, plain));
  await check(FEATURES.crowdClient, () => crowdOverClient(server, plain));
  await check(FEATURES.crowdPool, () => crowdOverPool(server, plain));
  await check(FEATURES.deadAddresses, () => deadAddresses(server, plain));
  await check(FEATURES.deadAddressesStress, () => deadAddresses(server, stress, { mayBeUnknown: 10 }));
  await check(FEATURES.lettersClient, () => lettersOverClient(server, plain));
  await check(FEATURES.lettersPool, () => lettersOverPool(server, { ...smtps, ...user }));
  await check(FEATURES.lettersData, () => lettersOverClient(server, { ...plain, chunking: "never" }));
  await check(FEATURES.lettersSpartan, () => lettersOverPool(server, spartan));
}

/**
 * @param {Awaited<ReturnType<typeof startPostfix>>} server
 * @param {import("../cases/dialogue.mjs").ConnectionOptions} spartan
 */
async function withoutPipelining(server, spartan) {
  await extensions.pipelining(server, spartan);
  await extensions.chunking(server, spartan);
  await refusedRecipient(server, spartan);
}
