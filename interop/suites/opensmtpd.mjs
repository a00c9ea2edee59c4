// @ts-check
/**
 * OpenSMTPD: few extensions, strict replies.
 *
 * Layer: interop.
 */

import { aheadOfVerdict } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { refusedRecipient, sizeLimit, veryLongLine } from "../cases/refusals.mjs";
import { brokenTls, login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { LIMIT, MESSAGES_PER_CONNECTION, startOpenSmtpd } from "../servers/opensmtpd.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { FEATURES } from "../table.mjs";

export const name = "OpenSMTPD";
export const start = startOpenSmtpd;

/** @typedef {Awaited<ReturnType<typeof startOpenSmtpd>>} Server */

/**
 * @param {Server} server
 * @param {import("./suites.mjs").Check} check
 */
export async function run(server, check) {
  const { plain } = server;
  const limits = { perConnection: MESSAGES_PER_CONNECTION };

  await check(FEATURES.announces, () => extensions.announcements(plain));
  await check(FEATURES.plain, () => extensions.clearText(server, plain));
  await check(FEATURES.greetingTwice, () => extensions.greetingTwice(plain));
  await (server.version.startsWith("6.") ? withBrokenTls(server, check) : withTls(server, check));
  await check(FEATURES.noLogin, () => noLogin(plain));
  await check(FEATURES.pipelining, () => extensions.pipelining(server, plain));
  await check(FEATURES.chunking, () => extensions.chunking(server, plain));
  await check(FEATURES.eightBit, () => extensions.eightBitMime(server, plain));
  await check(FEATURES.utf8, () => extensions.smtpUtf8(server, plain));
  await check(FEATURES.dsn, () => extensions.dsn(server, plain, "bare"));
  await check(FEATURES.size, () => sizeLimit(server, plain, LIMIT));
  await check(FEATURES.refused, () => refusedRecipient(server, plain));
  await check(FEATURES.nullSender, () => extensions.nullSender(server, plain));
  await check(FEATURES.longLine, () => veryLongLine(server, plain));
  await check(FEATURES.ahead, () => aheadOfVerdict(server, plain));
  await check(FEATURES.lettersClient, () => lettersOverClient(server, plain, limits));
  await check(FEATURES.lettersPool, () => lettersOverPool(server, plain, { connections: 1 }));
}

/**
 * @param {Server} server
 * @param {import("./suites.mjs").Check} check
 */
async function withTls(server, check) {
  const { submission, smtps } = server;
  const user = { username: USERNAME, password: PASSWORD };
  await check(FEATURES.startTls, () => tls(server, { ...submission, ...user }));
  await check(FEATURES.tls, () => tls(server, { ...smtps, ...user }));
  for (const mechanism of ["PLAIN", "LOGIN"]) await check(mechanism, () => login(server, submission, mechanism));
  await check(FEATURES.strongest, () => strongestLogin(server, smtps));
}

/**
 * Version 6 and OpenSSL 3 do not go together: its private keys live in another process, and OpenSSL no longer asks that. All
 * its handshakes fail, with every client, and without TLS it offers no AUTH.
 * @param {Server} server
 * @param {import("./suites.mjs").Check} check
 */
async function withBrokenTls({ submission, smtps }, check) {
  const remark = "broken in this version";
  await check(FEATURES.startTls, async () => {
    await brokenTls(submission);
    return remark;
  });
  await check(FEATURES.tls, async () => {
    await brokenTls(smtps);
    return remark;
  });
}
