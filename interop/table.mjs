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

const HEAD = `# Servers

What Postrider was tried against, by \`npm run interop -- --write\`, which writes this page: real servers, as Debian and npm
bring them, with small configurations of their own (in [interop/servers](../interop/servers)).
`;

const FOOT = `
How to read it:

- "yes": used, and seen to work on both sides. "not offered": the server does not announce it; Postrider goes without, or says
  so by an error where a message needs it. Empty: not tried.
- A code alone is what the server refuses with.
- The mechanisms also say what a wrong password or token is answered with.
- The 200 messages are of twenty kinds: plain, multipart, attachments, UTF-8, dots at line starts, long lines, raw bytes,
  streams. They are sent all at once, every seventh to two recipients, and what lies in the mailboxes is compared with what
  was composed, byte for byte; only the fields that a server puts on top (Received, Return-Path, Delivered-To) are set aside.
- OpenSMTPD takes a hundred messages on a connection and answers the next MAIL with 452 (\`smtp limit max-mails\`). SmtpPool
  then goes on over a new connection; the 200 went through a pool of one. An SmtpClient says so by its error. Its version 6 cannot do TLS with OpenSSL 3, with any client: Debian 12 has both.
  Without TLS it offers no AUTH.
- Dovecot's submission offers CHUNKING before it offers to take mail. Who sends without a login is refused, and the content
  of BDAT is then read as commands. Postrider notices and closes: that is "and the end".
- Dovecot's submission announces SIZE only to those who have logged in. Postrider asks for the extensions once before AUTH, as
  RFC 4954 allows, and spares the round trip: there a message above the limit is refused after the content, or at MAIL. Call
  \`client.ehlo()\` after connecting to learn what is new.
- No server of Debian 12 offers SCRAM-SHA-256-PLUS: Dovecot learned it in 2.4, and Debian's Exim has no GNU SASL. It is
  tested by the vectors of the RFCs and by dialogues of our own.
- Exim refuses a message above its limit after the content, and it gives no enhanced codes.
- The small messages go out all at once, by \`send()\` with a connection each, by one SmtpClient, by an SmtpPool. Each must arrive
  exactly once, none may be refused, and none may be left unknown, whatever the server makes of commands that come ahead of a
  verdict. Those to unknown recipients are fifty in a row, twice; each must be refused with the server's own reply, and cost
  the others nothing. Where a server ends the connection with 421, an SmtpClient connects again and sends what surely was not sent.
- Haraka answers every line that comes behind the final dot before the verdict with 503, QUIT included, and hangs up without a
  verdict when more than 8 kB stand there. It is installed from npm when it is first asked for.
- chasquid swallows what it has read behind the final dot, up to 4096 bytes, without a reply, QUIT included; what stands
  behind that is read as commands, from the middle of a line. It says 421 after ten errors, in place of the reply.
- Postfix counts a refused recipient, and a BDAT or DATA without recipients, as an error each; a message that it takes sets
  the count to nought. At twenty, or at the first under stress, it answers the next command with 421.
- sendmail takes what stands behind the dot, and has no CHUNKING. It ends a connection that sends anything between DATA and its
  reply. It is tried in clear text.
- A line of 5000 bytes is against RFC 5321, so Postrider never composes one; it sends a raw message that has one.
`;
