/**
 * What every reply does at every step: the table of session/reply-table.ts, walked through whole sessions.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSmtpError, type SendOptions, type SmtpError, SmtpProtocolError, send } from "../../src/index.js";
import { findViolation, REPLY_TABLE, type ReplyClass, type Step } from "../../src/session/reply-table.js";
import type { Expectation } from "../../src/session/work.js";
import { makeReply } from "../../src/wire/reply.js";
import { ENVELOPE, plain, TEXT } from "../support/plain-client.js";
import { type Answer, all, bytes, close, type Script } from "../support/script.js";
import { ScriptedServer } from "../support/scripted-server.js";
import { acceptance, rejection } from "../support/settle.js";

/** What the caller is told; "goes on": the step succeeds, and so does the message. */
type Told = "goes on" | readonly [code: string, retry: string];

const VIOLATION: Told = ["protocol", "reconnect"];
const LEFT: Told = ["disconnected", "reconnect"];

interface Row {
  readonly phase: string;
  /** The code of the error of a refusal. */
  readonly refused: string;
  readonly success: Told;
  readonly intermediate: Told;
  /** A success whose line has no CRLF, and then FIN. */
  readonly cutOff?: Told;
  readonly isUnknownAfter?: true;
  readonly options?: SendOptions;
  readonly extensions?: readonly string[];
}

const YES_OR_NO = { success: "goes on", intermediate: VIOLATION } as const;
const LOGIN = { username: "ann", password: "secret-word" };

const ROWS: Readonly<Record<string, Row>> = {
  GREETING: { phase: "greeting", refused: "greeting", success: VIOLATION, intermediate: VIOLATION },
  EHLO: { phase: "hello", refused: "hello", ...YES_OR_NO },
  STARTTLS: {
    phase: "tls",
    refused: "reply",
    success: VIOLATION,
    intermediate: VIOLATION,
    options: { startTls: true },
    extensions: ["STARTTLS"],
  },
  AUTH: { phase: "auth", refused: "authentication", ...YES_OR_NO, options: LOGIN, extensions: ["AUTH PLAIN"] },
  MAIL: { phase: "mail", refused: "sender-refused", ...YES_OR_NO },
  RCPT: { phase: "rcpt", refused: "recipients-refused", ...YES_OR_NO },
  DATA: { phase: "data", refused: "data", success: VIOLATION, intermediate: "goes on" },
  CONTENT: { phase: "content", refused: "data", ...YES_OR_NO, isUnknownAfter: true },
};

/** What comes in place of the reply, and what it comes to in a row; text that must be told. */
const COLUMNS: readonly (readonly [name: string, answer: Answer, told: (row: Row) => Told, text: string])[] = [
  ["2yz", "299 odd", (row) => row.success, "299 odd"],
  ["3yz", "399 odd", (row) => row.intermediate, "399 odd"],
  ["4yz", "451 odd", ({ refused }) => [refused, "later"], "451 odd"],
  ["5yz", "554 odd", ({ refused }) => [refused, "never"], "554 odd"],
  ["421", all("421 odd", close), ({ refused }) => [refused, "reconnect"], "421 odd"],
  ["garbage", "what?", () => VIOLATION, "what?"],
  ["an empty line", bytes("\r\n"), () => VIOLATION, "\\\\x0d"],
  ["a refusal without CRLF, then FIN", all(bytes("554 odd"), close), ({ refused }) => [refused, "never"], "554 odd"],
  ["a success without CRLF, then FIN", all(bytes("250 odd"), close), () => LEFT, "250 odd"],
  ["half a code, then FIN", all(bytes("55"), close), () => LEFT, ""],
  ["FIN", close, () => LEFT, ""],
];

for (const [step, row] of Object.entries(ROWS)) {
  acceptance(`at ${step} every reply is told as what it is`, async () => {
    for (const [name, answer, tell, text] of COLUMNS) {
      const told = tell(row);
      const replies: Script["replies"] = step === "EHLO" ? { EHLO: answer, HELO: answer } : { [step]: answer };
      await using server = await ScriptedServer.start({ extensions: row.extensions ?? [], replies });
      const sending = send(TEXT, { ...plain(server), ...ENVELOPE, ...row.options });
      if (told === "goes on") {
        await sending;
        continue;
      }
      const error = (await rejection(sending)) as SmtpError;
      assert.ok(isSmtpError(error), `${step}, ${name}: ${error}`);
      assert.deepEqual([error.code, error.retry], told, `${step}, ${name}: ${error.message}`);
      assert.equal(error.phase, row.phase, `${step}, ${name}: ${error.message}`);
      assert.ok(error.message.includes(text), `${step}, ${name}: ${error.message}`);
      const isUnknown: boolean = row.isUnknownAfter === true && (told === VIOLATION || told === LEFT);
      assert.equal(error.outcome, isUnknown ? "unknown" : "not-sent", `${step}, ${name}`);
      if (error instanceof SmtpProtocolError) assert.notEqual(error.excerpt, "", `${step}, ${name}`);
      assert.ok(
        !/last words.*ready|PIPELINING/.test(error.message),
        `no older reply is told as the last words: ${error.message}`,
      );
    }
  });
}

const CODES: Readonly<Record<ReplyClass, number>> = {
  "220": 220,
  "221": 221,
  "2yz": 250,
  "334": 334,
  "3yz": 354,
  "421": 421,
  "4yz": 451,
  "5yz": 554,
};

acceptance("221 in place of the verdict is no acceptance: what became of the message is unknown", async () => {
  for (const extensions of [[], ["PIPELINING"], ["CHUNKING"]]) {
    const bye = all("221 2.0.0 closing", close);
    await using server = await ScriptedServer.start({ extensions, replies: { CONTENT: bye, BDAT: bye } });
    const error = (await rejection(send(TEXT, { ...plain(server), ...ENVELOPE }))) as SmtpError;
    assert.ok(error instanceof SmtpProtocolError, String(error));
    assert.deepEqual([error.phase, error.outcome], ["content", "unknown"]);
    assert.match(error.message, /answered (?:the content|BDAT) with 221/);
  }
});

test("the session follows every cell of the table", () => {
  const commands: Partial<Record<Step, string>> = {
    hello: "EHLO",
    starttls: "STARTTLS",
    auth: "AUTH",
    mail: "MAIL",
    rcpt: "RCPT",
    reset: "RSET",
    quit: "QUIT",
    command: "NOOP",
  };
  for (const [step, row] of Object.entries(REPLY_TABLE) as [Step, (typeof REPLY_TABLE)[Step]][]) {
    const verb = commands[step];
    const expectation = (
      verb === undefined ? { slot: step } : { slot: "command", work: { kind: "command", verb, line: verb } }
    ) as Expectation;
    for (const [name, meaning] of Object.entries(row) as [ReplyClass, string][]) {
      const violation = findViolation(expectation, makeReply(CODES[name], ["x"]));
      assert.equal(violation !== undefined, meaning === "violation", `${step} ${name}`);
    }
  }
});

test("a command that the caller wrote may be answered by any class", () => {
  const work = { kind: "command", verb: "XYZ", line: "XYZ", isFree: true } as const;
  for (const code of Object.values(CODES)) {
    assert.equal(findViolation({ slot: "command", work }, makeReply(code, [])), undefined);
  }
});

acceptance("what comes behind the greeting, unasked, is told with its text and phase", async () => {
  for (const [line, excerpt] of [
    ["", "\\x0d\\x0a"],
    ["nonsense", "nonsense\\x0d\\x0a"],
    ["250 too much", "250 too much"],
  ] as const) {
    await using server = await ScriptedServer.start({ replies: { GREETING: bytes(`220 ready\r\n${line}\r\n`) } });
    const error = await rejection(send(TEXT, { ...plain(server), ...ENVELOPE }));
    assert.ok(error instanceof SmtpProtocolError, String(error));
    assert.deepEqual(
      [error.phase, error.excerpt, error.outcome, error.retry],
      ["greeting", excerpt, "not-sent", "reconnect"],
    );
  }
});
