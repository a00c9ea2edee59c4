import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import type { InboxMessage } from "../../src/message.js";
import { parseMessage } from "../../src/parse-message.js";
import { MAX_ANSWER_BYTES, SpamFilterError, type SpamFilterFault } from "../../src/spam/answer.js";
import { SpamFilter } from "../../src/spam/spam-filter.js";

interface Filter extends AsyncDisposable {
  readonly port: number;
  /** What has been asked, as latin1. */
  readonly asked: string[];
}

/** Says its answer once the question holds `end`, and hangs up; without an answer it says nothing for ever. */
async function scripted(answer: string | Buffer | undefined, end = "THE END"): Promise<Filter> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (!text.includes(end)) return;
      asked.push(text);
      if (answer !== undefined) socket.end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const RAW = "From: ann@example.org\r\nSubject: Caf\u00e9\r\n\r\nTHE END";

function message(
  sender = "ann@example.org",
  recipients: readonly string[] = ["ben@example.com"],
): Promise<InboxMessage> {
  const envelope = { sender, recipients };
  const raw = Buffer.from(RAW, "latin1");
  return parseMessage({ id: "1", receivedAt: new Date(0), envelope, raw, secure: false, username: undefined });
}

const json = (body: unknown, status = "200 OK"): string => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};
const report = (text: string, head = "Spam: True ; 7.3 / 5.0"): string =>
  `SPAMD/1.1 0 EX_OK\r\nContent-length: ${Buffer.byteLength(text)}\r\n${head}\r\n\r\n${text}`;
const unhurried = new AbortController().signal;

const RSPAMD_VERDICT = {
  score: 6.5,
  required_score: 15,
  action: "add header",
  symbols: {
    FROM_HAS_DN: { name: "FROM_HAS_DN", score: 0, description: "From header has a display name" },
    R_DKIM_ALLOW: { name: "R_DKIM_ALLOW", score: -0.2, options: ["example.org:s=s1"] },
    MISSING_MID: { name: "MISSING_MID", score: 2.5, description: "Message id is missing" },
    URL: { name: "URL", score: 4.2, description: "Bad", options: ["a.example", "b.example"] },
    odd: "not a symbol",
  },
};

test("Rspamd gets the bytes and the envelope, and its verdict has what is wrong first", async () => {
  await using server = await scripted(json(RSPAMD_VERDICT));
  const filter = new SpamFilter(`http://127.0.0.1:${server.port}`);
  const found = await filter.check(
    await message("ann@example.org", ["ben@example.com", '"c d"@example.com']),
    unhurried,
  );
  assert.deepEqual(found, {
    filter: "rspamd",
    isSpam: true,
    score: 6.5,
    threshold: 15,
    action: "add header",
    rules: [
      { name: "URL", points: 4.2, description: "Bad [a.example, b.example]" },
      { name: "MISSING_MID", points: 2.5, description: "Message id is missing" },
      { name: "R_DKIM_ALLOW", points: -0.2, description: "[example.org:s=s1]" },
      { name: "FROM_HAS_DN", points: 0, description: "From header has a display name" },
    ],
  });
  const [asked = ""] = server.asked;
  assert.match(asked, /^POST \/checkv2 HTTP\/1\.1\r\n/);
  assert.match(asked, /\r\nFrom: <ann@example\.org>\r\n/);
  assert.match(asked, /\r\nRcpt: <ben@example\.com>\r\nRcpt: <"c d"@example\.com>\r\n/);
  assert.ok(asked.endsWith(`\r\n\r\n${RAW}`));
});

test("Rspamd's actions say what is spam; a server without a limit has none", async () => {
  for (const [action, isSpam] of [
    ["no action", false],
    ["greylist", false],
    ["soft reject", false],
    ["rewrite subject", true],
    ["reject", true],
  ] as const) {
    await using server = await scripted(json({ ...RSPAMD_VERDICT, required_score: null, action }));
    const found = await new SpamFilter(`http://127.0.0.1:${server.port}/`).check(await message(), unhurried);
    assert.equal(found.isSpam, isSpam, action);
    assert.equal("threshold" in found, false);
  }
});

test("Rspamd is not told addresses that it cannot read, nor more than a hundred", async () => {
  await using server = await scripted(json(RSPAMD_VERDICT));
  const filter = new SpamFilter(`http://127.0.0.1:${server.port}`);
  const many = Array.from({ length: 5000 }, (_, index) => `b${index}@example.com`);
  await filter.check(await message("\u00e4nn@example.org", ["b\u00e4r@example.com", ...many]), unhurried);
  const head = server.asked[0]?.split("\r\n\r\n")[0] ?? "";
  assert.doesNotMatch(head, /\r\nFrom:/);
  assert.equal(head.match(/\r\nRcpt: <b\d+@example\.com>/g)?.length, 100);
  assert.equal(head.match(/Rcpt:/g)?.length, 100);
});

test("a message without an envelope is asked about without one", async () => {
  await using server = await scripted(json(RSPAMD_VERDICT));
  await new SpamFilter(`http://127.0.0.1:${server.port}`).check(await message("", []), unhurried);
  assert.doesNotMatch(server.asked[0]?.split("\r\n\r\n")[0] ?? "", /\r\n(?:From|Rcpt):/i);
});

const REPORT = `Spam detection software, running on the system "mail",

Content preview:  Caf\u00e9
 9.9 FORGED                 A rule that the message says

 pts rule name              description
---- ---------------------- --------------------------------------------------
 9.9 FORGED                 A rule that the message says, with a head of its own

Content analysis details:   (7.3 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
-0.0 NO_RELAYS              Informational: message was not relayed via SMTP
 1.6 A_RULE_WITH_A_NAME_LONGER_THAN_THAT RBL: a description that
                            goes on below
                            [192.0.2.1 listed in list.example]
-1.9 BAYES_00               BODY: Bayes spam probability is 0 to 1%
                            [score: 0.0000]
1000 GTUBE                  BODY: Generic Test for Unsolicited Bulk Email

`;

test("spamd gets the bytes, and its report is read to the rules", async () => {
  await using server = await scripted(report(REPORT.replaceAll("\n", "\r\n")));
  const found = await new SpamFilter(`spamd://127.0.0.1:${server.port}`).check(await message(), unhurried);
  assert.deepEqual(found, {
    filter: "spamassassin",
    isSpam: true,
    score: 7.3,
    threshold: 5,
    rules: [
      { name: "GTUBE", points: 1000, description: "BODY: Generic Test for Unsolicited Bulk Email" },
      {
        name: "A_RULE_WITH_A_NAME_LONGER_THAN_THAT",
        points: 1.6,
        description: "RBL: a description that goes on below [192.0.2.1 listed in list.example]",
      },
      { name: "BAYES_00", points: -1.9, description: "BODY: Bayes spam probability is 0 to 1% [score: 0.0000]" },
      { name: "NO_RELAYS", points: 0, description: "Informational: message was not relayed via SMTP" },
    ],
  });
  assert.deepEqual(server.asked, [`REPORT SPAMC/1.5\r\nContent-length: ${RAW.length}\r\n\r\n${RAW}`]);
});

test("spamd with a report of its own has a score and no rules", async () => {
  await using server = await scripted(report("Fine.\n 1.0 RULE  Words\n", "Spam: False ; -1.2 / 5.0"));
  const found = await new SpamFilter(`spamd://127.0.0.1:${server.port}`).check(await message(), unhurried);
  assert.deepEqual(found, { filter: "spamassassin", isSpam: false, score: -1.2, threshold: 5, rules: [] });
});

const WRONG: readonly (readonly [protocol: string, answer: string | Buffer, reason: RegExp])[] = [
  ["http", json("Too large", "413 Too Large"), /it replied 413: Too large/],
  ["http", `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n`, /it replied 302/],
  ["http", json("<html>"), /is not one of Rspamd/],
  ["http", json({ score: "1", action: "reject", symbols: {} }), /is not one of Rspamd/],
  ["http", json("x".repeat(MAX_ANSWER_BYTES + 1)), /longer than 1 MiB/],
  ["spamd", "SPAMD/1.0 76 Bad header line: (x)\r\n", /it replied 76 Bad header line: \(x\)/],
  ["spamd", "220 mail.example.com ESMTP\r\n", /is not one of spamd/],
  ["spamd", "", /without a reply/],
  ["spamd", report(REPORT).slice(0, 300), /truncated/],
  ["spamd", "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n\r\n", /truncated/],
  ["spamd", report("x".repeat(MAX_ANSWER_BYTES)), /longer than 1 MiB/],
];

function fails(fault: SpamFilterFault, reason: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SpamFilterError, String(error));
    assert.equal(error.fault, fault);
    assert.match(error.message, /^(?:Rspamd|SpamAssassin) at 127\.0\.0\.1:\d+ could not check the message: /);
    assert.match(error.message, reason);
    return true;
  };
}

for (const [protocol, answer, reason] of WRONG) {
  test(`an answer of ${protocol} that ${reason.source} is no verdict`, async () => {
    await using server = await scripted(answer);
    const filter = new SpamFilter(`${protocol}://127.0.0.1:${server.port}`);
    await assert.rejects(filter.check(await message(), unhurried), fails("answer", reason));
  });
}

for (const protocol of ["http", "spamd"]) {
  test(`${protocol}: a filter that is away, silent or not waited for is said`, async () => {
    const away = await scripted("");
    await away[Symbol.asyncDispose]();
    const gone = new SpamFilter(`${protocol}://127.0.0.1:${away.port}`);
    await assert.rejects(gone.check(await message(), unhurried), fails("unreachable", /the connection was refused/));
    await using silent = await scripted(undefined);
    const url = `${protocol}://127.0.0.1:${silent.port}`;
    await assert.rejects(new SpamFilter(url, 20).check(await message(), unhurried), fails("timeout", /within 0\.02 s/));
    await assert.rejects(
      new SpamFilter(url).check(await message(), AbortSignal.abort()),
      fails("cancelled", /the request was cancelled/),
    );
    const closed = new SpamFilter(url);
    const asked = closed.check(await message(), unhurried);
    closed.close();
    await assert.rejects(asked, fails("cancelled", /the request was cancelled/));
  });
}
