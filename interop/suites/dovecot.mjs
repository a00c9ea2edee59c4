// @ts-check
/**
 * Dovecot: LMTP into mailboxes, and submission, which passes mail on to smtp-server.
 *
 * Layer: interop.
 */

import { aheadOfVerdict } from "../cases/crowds.mjs";
import * as extensions from "../cases/extensions.mjs";
import { lettersOverClient, lettersOverPool } from "../cases/letters.mjs";
import { fullMailbox, refusedRecipient, veryLongLine } from "../cases/refusals.mjs";
import { login, noLogin, strongestLogin, tls } from "../cases/security.mjs";
import { FULL, startDovecot } from "../servers/dovecot.mjs";
import { address, PASSWORD, USERNAME } from "../servers/people.mjs";
import { startSmtpServer } from "../servers/smtp-server.mjs";
import { FEATURES } from "../table.mjs";

/** @typedef {Awaited<ReturnType<typeof startDovecot>>} Server */

export const lmtp = {
  name: "Dovecot LMTP",
  start: () => startDovecot(),
  /**
   * @param {Server} server
   * @param {import("./suites.mjs").Check} check
   */
  run: async (server, check) => {
    const { lmtp: door } = server;
    await check(FEATURES.announces, () => extensions.announcements(door));
    await check(FEATURES.greetingTwice, () => extensions.greetingTwice(door));
    await check(FEATURES.lmtp, () => extensions.lmtp(server, door));
    await check(FEATURES.pipelining, () => extensions.pipelining(server, door));
    await check(FEATURES.chunking, () => extensions.chunking(server, door));
    await check(FEATURES.eightBit, () => extensions.eightBitMime(server, door));
    await check(FEATURES.utf8, () => extensions.smtpUtf8(server, door));
    await check(FEATURES.dsn, () => extensions.dsn(server, door, "none"));
    await check(FEATURES.refused, () => refusedRecipient(server, door));
    await check(FEATURES.full, () => fullMailbox(server, door, address(FULL)));
    await check(FEATURES.nullSender, () => extensions.nullSender(server, door));
    await check(FEATURES.longLine, () => veryLongLine(server, door));
    await check(FEATURES.ahead, () => aheadOfVerdict(server, door));
    await check(FEATURES.lettersClient, () => lettersOverClient(server, door));
    await check(FEATURES.lettersPool, () => lettersOverPool(server, door));
    await check(FEATURES.lettersData, () => lettersOverClient(server, { ...door, chunking: "never" }));
  },
};

export const submission = {
  name: "Dovecot submission",
  start: async () => {
    const relay = await startSmtpServer();
    try {
      const server = await startDovecot({ relayPort: relay.plain.port });
      const stop = async () => {
        await server.stop();
        await relay.stop();
      };
      return { ...server, take: relay.take, stop };
    } catch (error) {
      await relay.stop();
      throw error;
    }
  },
  /**
   * @param {Server} server
   * @param {import("./suites.mjs").Check} check
   */
  run: async (server, check) => {
    const user = { username: USERNAME, password: PASSWORD };
    const inside = { ...server.submissions, ...user };
    await check(FEATURES.announces, () => extensions.announcements(inside));
    await check(FEATURES.greetingTwice, () => extensions.greetingTwice(inside));
    await check(FEATURES.startTls, () => tls(server, { ...server.submission, ...user }));
    await check(FEATURES.tls, () => tls(server, inside));
    for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
      await check(mechanism, () => login(server, server.submission, mechanism));
    for (const mechanism of ["OAUTHBEARER", "XOAUTH2"])
      await check(mechanism, () => login(server, server.submissions, mechanism, server.token));
    await check(FEATURES.strongest, () => strongestLogin(server, server.submission));
    await check(FEATURES.noLogin, () => noLogin(server.submission));
    await check(FEATURES.pipelining, () => extensions.pipelining(server, inside));
    await check(FEATURES.chunking, () => extensions.chunking(server, inside));
    await check(FEATURES.eightBit, () => extensions.eightBitMime(server, inside));
    await check(FEATURES.utf8, () => extensions.smtpUtf8(server, inside));
    await check(FEATURES.dsn, () => extensions.dsn(server, inside, "none"));
    await check(FEATURES.refused, () => refusedRecipient(server, inside));
    await check(FEATURES.nullSender, () => extensions.nullSender(server, inside));
    await check(FEATURES.longLine, () => veryLongLine(server, inside));
    await check(FEATURES.ahead, () => aheadOfVerdict(server, inside));
    await check(FEATURES.lettersClient, () => lettersOverClient(server, inside));
    await check(FEATURES.lettersPool, () => lettersOverPool(server, inside));
  },
};
