// @ts-check
/**
 * The page docs/servers.md: which server does what, as tried.
 *
 * Layer: interop.
 */

/** The rows of the table, in order. */
export const FEATURES = /** @type {const} */ ({
  plain: "in clear text",
  startTls: "STARTTLS",
  tls: "TLS from the first byte",
  lmtp: "LMTP, Unix socket",
  authPlain: "PLAIN",
  authLogin: "LOGIN",
  cramMd5: "CRAM-MD5",
  scramSha1: "SCRAM-SHA-1",
  scramSha256: "SCRAM-SHA-256",
  oauthBearer: "OAUTHBEARER",
  xoauth2: "XOAUTH2",
  external: "EXTERNAL, by a client certificate",
  strongest: "mechanism taken by default",
  noLogin: "without login, where one is needed",
  pipelining: "PIPELINING",
  withoutPipelining: "PIPELINING and CHUNKING switched off",
  chunking: "CHUNKING",
  eightBit: "8BITMIME",
  utf8: "SMTPUTF8",
  dsn: "DSN",
  size: "SIZE, message above the limit",
  refused: "recipient refused",
  full: "recipient refused after the content",
  nullSender: "null sender",
  longLine: "line of 5000 bytes",
  greetingTwice: "EHLO a second time",
  announces: "also announces",
  ahead: "commands ahead of a verdict",
  crowdCalls: "30 calls of send() at once",
  crowdClient: "200 small messages, SmtpClient",
  crowdPool: "480 small messages, SmtpPool",
  deadAddresses: "300 messages, 100 to unknown recipients",
  deadAddressesStress: "the same under stress limits",
  lettersClient: "200 messages, SmtpClient",
  lettersPool: "200 messages, SmtpPool",
  lettersData: "200 messages, DATA in place of BDAT",
  lettersSpartan: "200 messages, no PIPELINING",
});

/** What no server was asked is left empty. */
const UNTRIED = "";

/**
 * @param {import("./lab/report.mjs").Report} report
 * @returns {string}
 */
export function serversPage(report) {
  const cell = (/** @type {string} */ feature, /** @type {string} */ server) =>
    report.outcomes.find((one) => one.feature === feature && one.server === server)?.cell ?? UNTRIED;
  // Proxies are tried too, and are no servers.
  const servers = [...report.versions.keys()].filter((server) =>
    Object.values(FEATURES).some((feature) => cell(feature, server) !== UNTRIED),
  );
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rows = Object.values(FEATURES)
    .filter((feature) => servers.some((server) => cell(feature, server) !== UNTRIED))
    .map((feature) => row([feature, ...servers.map((server) => cell(feature, server))]));
  return `${HEAD}
${row(["", ...servers.map((server) => `${server} ${report.versions.get(server)}`)])}
${row(["---", ...servers.map(() => "---")])}
${rows.join("\n")}
${FOOT}`;
}

const HEAD = `# Mail servers that Postrider is tested with

\`npm run interop -- --write\` tests Postrider with these servers, and writes this page. They are the real servers, from Debian and npm, with
small configurations (in [interop/servers](../interop/servers)).
`;

const FOOT = `
How to read it:

- "yes": used, and checked on both sides. "not offered": the server does not announce it; Postrider does without, or rejects a message
  that needs it. Empty: not tried.
- A code alone is the server's refusal.
- The rows of AUTH mechanisms also have the reply to a wrong password or token.
- The 200 messages are of twenty kinds: plain, multipart, attachments, UTF-8, dots at line starts, long lines, raw bytes,
  streams. They are sent all at once, every seventh to two recipients. The messages in the mailboxes are compared with the composed
  ones, byte for byte, without the fields that a server adds on top (Received, Return-Path, Delivered-To).
- "commands ahead of a verdict": what a pool of one connection has learned after 40 small messages. "taken": the envelope of the next
  message may be written after the end of this one, before its verdict. "not taken": the server refused or discarded it, or it has no
  PIPELINING; one message then follows the other. How Postrider learns it is in
  [performance.md](performance.md#proven-for-each-server).
- OpenSMTPD accepts a hundred messages on a connection and answers the next MAIL with 452 (\`smtp limit max-mails\`). SmtpPool
  then opens a new connection; the 200 went through a pool of one. An SmtpClient rejects with the 452. OpenSMTPD 6 cannot do TLS with
  OpenSSL 3, with any client: Debian 12 has both. Without TLS it offers no AUTH.
- Dovecot's submission server offers CHUNKING before login, and answers 530 to a BDAT without reading its content, which it would then
  run as commands. Postrider closes the connection at such a 530.
- Dovecot's submission server disconnects without a verdict when commands follow a final dot, but accepts them after BDAT LAST. So
  Postrider writes nothing after a dot where CHUNKING is announced, also with \`chunking: "never"\`.
- Dovecot's submission server announces SIZE only after login. Postrider sends EHLO once before AUTH, as RFC 4954 allows, and not
  again: there a message above the limit is refused after the content, or at MAIL. \`client.ehlo()\` after connecting asks again.
- No server of Debian 12 offers SCRAM-SHA-256-PLUS: Dovecot has it since 2.4, and Debian's Exim has no GNU SASL. It is
  tested with the vectors of the RFCs and with scripted dialogues.
- Exim refuses a message above its limit after the content, and it gives no enhanced codes.
- The small messages are sent all at once, by \`send()\` with a connection each, by one SmtpClient, by an SmtpPool. Each must arrive
  exactly once, none may be refused, and none may have an unknown outcome, also at servers that do not take commands ahead of a
  verdict. Those to unknown recipients are fifty in a row, twice; each must be refused with the server's own reply, and no other
  message may fail because of them. Where a server ends the connection with 421, an SmtpClient connects again and sends the messages
  that were certainly not sent.
- Haraka answers every line that arrives after the final dot and before the verdict with 503, QUIT included, and disconnects without a
  verdict when they are more than 8 kB. It is installed from npm on first use.
- chasquid discards up to 4096 bytes after the final dot without a reply, QUIT included; bytes after those are read as commands, from
  the middle of a line. After ten errors it answers 421 in place of the reply.
- Postfix counts a refused recipient, and a BDAT or DATA without recipients, as an error each; an accepted message resets
  the count. At twenty errors, or at the first under stress, it answers the next command with 421.
- sendmail takes commands after the dot, and has no CHUNKING. It ends a connection that sends anything between DATA and its
  reply. It is tested in clear text.
- A line of 5000 bytes is against RFC 5321, so Postrider never composes one; it does send a raw message that has one.
`;
