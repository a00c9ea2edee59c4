import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  AddressError,
  type AnySmtpError,
  formatPeer,
  isSmtpError,
  MessageError,
  OAuthTokenError,
  OptionError,
  quoteReply,
  SmtpAuthenticationError,
  SmtpConnectError,
  SmtpDataError,
  SmtpDisconnectedError,
  SmtpError,
  SmtpGreetingError,
  SmtpHelloError,
  SmtpNotSupportedError,
  SmtpPartialDeliveryError,
  SmtpProtocolError,
  SmtpRecipientRefusedError,
  SmtpRecipientsRefusedError,
  SmtpReplyError,
  SmtpSenderRefusedError,
  SmtpTimeoutError,
  SmtpTlsError,
} from "../src/errors/errors.js";
import { makeReply } from "../src/wire/reply.js";
import { fromOtherCopy } from "./support/other-copy.js";

const PEER = { hostname: "mx.example", port: 587 };
const reply = makeReply(550, ["5.1.1 no such user"]);
const refused = new SmtpRecipientRefusedError("b@r.example", { reply });

const EVERY: readonly (readonly [SmtpError, string, string])[] = [
  [new SmtpConnectError(PEER, { reason: "refused" }), "SmtpConnectError", "connect"],
  [new SmtpTlsError(PEER, { problem: "expired", reason: "CERT_HAS_EXPIRED" }), "SmtpTlsError", "tls"],
  [new SmtpTimeoutError({ phase: "mail", timeout: 5, waitingFor: "the reply" }), "SmtpTimeoutError", "timeout"],
  [
    new SmtpDisconnectedError("Gone", { phase: "content", outcome: "unknown" }),
    "SmtpDisconnectedError",
    "disconnected",
  ],
  [new SmtpProtocolError("No SMTP", { phase: "greeting", excerpt: "x" }), "SmtpProtocolError", "protocol"],
  [new SmtpReplyError("The server refused NOOP", { reply }), "SmtpReplyError", "reply"],
  [new SmtpGreetingError({ reply }), "SmtpGreetingError", "greeting"],
  [new SmtpHelloError({ reply }), "SmtpHelloError", "hello"],
  [new SmtpAuthenticationError("PLAIN", { reply }), "SmtpAuthenticationError", "authentication"],
  [new SmtpSenderRefusedError("", { reply }), "SmtpSenderRefusedError", "sender-refused"],
  [refused, "SmtpRecipientRefusedError", "recipient-refused"],
  [new SmtpDataError({ reply }), "SmtpDataError", "data"],
  [new SmtpRecipientsRefusedError([refused]), "SmtpRecipientsRefusedError", "recipients-refused"],
  [
    new SmtpPartialDeliveryError({
      accepted: ["a@x.example"],
      refused: [refused],
      unknown: [],
      notSent: ["b@x.example"],
      reply: undefined,
      phase: "mail",
      cause: new Error("gone"),
    }),
    "SmtpPartialDeliveryError",
    "partial-delivery",
  ],
  [new SmtpNotSupportedError("DSN", { reason: "No DSN", phase: "mail" }), "SmtpNotSupportedError", "not-supported"],
  [new AddressError("to", "has no @", { position: 3 }), "AddressError", "address"],
  [new MessageError("subject", "must be a string"), "MessageError", "message"],
  [new OptionError("port", "must be a number"), "OptionError", "option"],
  [new OAuthTokenError("https://id.example", { problem: "no", retry: "later" }), "OAuthTokenError", "oauth"],
];

test("every class has its name, its code, and is an Error and an SmtpError", () => {
  for (const [error, name, code] of EVERY) {
    assert.ok(error instanceof Error && error instanceof SmtpError, name);
    assert.equal(error.name, name);
    assert.equal(error.constructor.name, name);
    assert.equal(error.code, code);
    assert.equal(isSmtpError(error), true);
    assert.ok(error.stack?.startsWith("Error") || error.stack?.startsWith(name), name);
    assert.ok(inspect(error).includes(error.message), name);
  }
  assert.equal(new Set(EVERY.map(([, , code]) => code)).size, EVERY.length, "codes differ");
});

test("those that carry a reply are SmtpReplyErrors", () => {
  const names = EVERY.filter(([error]) => error instanceof SmtpReplyError).map(([, name]) => name);
  assert.deepEqual(names, [
    "SmtpReplyError",
    "SmtpGreetingError",
    "SmtpHelloError",
    "SmtpAuthenticationError",
    "SmtpSenderRefusedError",
    "SmtpRecipientRefusedError",
    "SmtpDataError",
  ]);
});

test("every error as JSON is plain data with its words, and without a stack", () => {
  for (const [error, name, code] of EVERY) {
    const data = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    const { phase, outcome, retry, message } = error;
    assert.deepEqual(
      [data["name"], data["code"], data["message"], data["phase"], data["outcome"], data["retry"]],
      [name, code, message, phase, outcome, retry],
    );
    assert.equal("stack" in data, false, name);
  }
  const data = JSON.parse(JSON.stringify(new SmtpRecipientsRefusedError([refused])));
  assert.equal(data.refused[0].recipient, "b@r.example");
  assert.equal(data.refused[0].reply.code, 550);
});

test("a cause is kept as it is, and in JSON only by its message", () => {
  const cause = Object.assign(new Error("ECONNREFUSED"), { secret: "hunter2" });
  const error = new SmtpConnectError(PEER, { reason: "refused", cause });
  assert.equal(error.cause, cause);
  assert.equal(error.toJSON()["cause"], "ECONNREFUSED");
  assert.equal(JSON.stringify(error).includes("hunter2"), false);
  assert.equal(new OptionError("x", "y", { cause: "text" }).toJSON()["cause"], "text");
  assert.equal("cause" in new OptionError("x", "y"), false);
});

test("an error of another copy of the package is one too, and others are not", async (t) => {
  const other = (await fromOtherCopy(t, "errors/base.js")) as typeof import("../src/errors/base.js");
  assert.notEqual(other.SmtpError, SmtpError);
  class Foreign extends other.SmtpError {
    override readonly code = "tls";
    constructor() {
      super("from elsewhere", { phase: "tls", outcome: "not-sent", retry: "never" });
    }
  }
  const foreign = new Foreign();
  assert.equal(foreign instanceof SmtpError, false);
  assert.equal(isSmtpError(foreign), true);
  for (const value of [undefined, null, "x", 1, {}, new Error("x"), { code: "tls" }, () => undefined]) {
    assert.equal(isSmtpError(value), false);
  }
});

test("a switch over the code narrows to the class", () => {
  const told = (error: AnySmtpError): unknown => {
    switch (error.code) {
      case "timeout":
        return error.timeout;
      case "sender-refused":
        return error.sender;
      case "address":
        return error.position;
      default:
        return error.retry;
    }
  };
  assert.equal(told(new SmtpTimeoutError({ phase: "mail", timeout: 5, waitingFor: "x" })), 5);
  assert.equal(told(new SmtpSenderRefusedError("a@b", { reply })), "a@b");
  assert.equal(told(new AddressError("to", "x", { position: 3 })), 3);
  assert.equal(told(new OptionError("x", "y")), "never");
});

test("what may be tried again follows from the reply", () => {
  for (const [code, retry] of [
    [421, "reconnect"],
    [450, "later"],
    [503, "reconnect"],
    [550, "never"],
    [554, "never"],
  ] as const) {
    assert.equal(new SmtpDataError({ reply: makeReply(code, ["x"]) }).retry, retry, String(code));
  }
  const later = new SmtpRecipientRefusedError("c@r.example", { reply: makeReply(451, ["x"]) });
  assert.equal(new SmtpRecipientsRefusedError([refused, later]).retry, "later");
  assert.equal(new SmtpRecipientsRefusedError([refused]).retry, "never");
  assert.equal(new SmtpRecipientsRefusedError([]).retry, "never");
});

test("what a server sent is bounded, and its control characters are escaped", () => {
  const evil = `\u001b[2J\r\n\u0000\u0085${"x".repeat(100_000)}`;
  const said = makeReply(550, [evil, evil]);
  for (const error of [
    new SmtpDataError({ reply: said }),
    new SmtpProtocolError("No SMTP", { phase: "greeting", excerpt: evil }),
    new SmtpDisconnectedError("Gone", { phase: "command", reply: said }),
    new SmtpRecipientsRefusedError([new SmtpRecipientRefusedError("a@b.example", { reply: said })]),
  ]) {
    assert.ok(error.message.length < 3000, error.name);
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/, error.name);
  }
  assert.ok(new SmtpProtocolError("x", { phase: "command", excerpt: evil }).excerpt.length <= 120);
});

test("a reply is quoted on one line", () => {
  assert.equal(quoteReply(makeReply(550, ["5.1.1 no", "really"])), "550 5.1.1 no really");
  assert.equal(quoteReply(makeReply(250, [""])), "250");
});

test("a server that wants a login is told as such, and which options do it", () => {
  const texts = [
    [530, "5.7.0 Must issue a STARTTLS command first"],
    [530, "no"],
    [550, "5.7.1 authentication required"],
    [553, "authentication is required, 163 smtp"],
    [503, "Error: need EHLO and AUTH first !"],
    [530, "5.7.57 Client not authenticated to send mail"],
  ] as const;
  for (const [code, text] of texts) {
    const reply = makeReply(code, [text]);
    const inner = new SmtpRecipientRefusedError("b@r.example", { reply });
    for (const error of [
      new SmtpSenderRefusedError("a@s.example", { reply }),
      inner,
      new SmtpRecipientsRefusedError([inner]),
      new SmtpDataError({ reply }),
    ]) {
      assert.match(error.message, /username and password.*startTls: true/, text);
    }
  }
  for (const reply of [makeReply(550, ["5.1.1 no such user"]), makeReply(450, ["4.7.1 try again"])]) {
    assert.doesNotMatch(new SmtpSenderRefusedError("a@s.example", { reply }).message, /username/);
  }
  const refused = new SmtpAuthenticationError("PLAIN", { reply: makeReply(530, ["5.7.0 authentication required"]) });
  assert.doesNotMatch(refused.message, /set username/);
});

test("a reply of several lines reads as one sentence, its enhanced code said once", () => {
  for (const [lines, text] of [
    [
      ["5.7.9 For more information, go to", "5.7.9  https://mail.example/help"],
      "534 5.7.9 For more information, go to https://mail.example/help",
    ],
    [["5.7.9", "5.7.9 no"], "534 5.7.9 no"],
    [["first", "5.7.9 second", "", "5.7.9 third"], "534 first 5.7.9 second third"],
    [["5.7.9 see 5.7.9", "5.7.91 x"], "534 5.7.9 see 5.7.9 5.7.91 x"],
    [["  spaces  ", "  around  "], "534 spaces around"],
  ] as const) {
    assert.equal(quoteReply(makeReply(534, lines)), text);
  }
});

test("a hint stands behind what went wrong", () => {
  const error = new SmtpNotSupportedError("AUTH", { reason: "No AUTH", phase: "auth", hint: "Use TLS" });
  assert.equal(error.message, "No AUTH. Use TLS");
});

test("a peer is told by host and port, path, or what it is", () => {
  assert.equal(formatPeer(PEER), "mx.example:587");
  assert.equal(formatPeer({ hostname: "::1", port: 25 }), "[::1]:25");
  assert.equal(formatPeer({ hostname: "mx.example" }), "mx.example");
  assert.equal(formatPeer({ socketPath: "/run/lmtp" }), "/run/lmtp");
  assert.equal(formatPeer({}), "the given socket");
});

test("a name that came with the input is bounded and harmless in the message", () => {
  const name = `X\r\n${"y".repeat(100_000)}`;
  for (const error of [new MessageError(name, "no"), new OptionError(name, "no"), new AddressError(name, "no")]) {
    assert.ok(error.message.length < 200);
    assert.match(error.message, /^X\\x0d\\x0ay+\.\.\.: no$/);
  }
  assert.equal(new MessageError(name, "no").field, name);
});

test("what an error of input quotes cannot move a terminal", () => {
  const rule = `${JSON.stringify("\u009b31m\u007f\u0085")} is none`;
  for (const error of [new MessageError("x", rule), new OptionError("x", rule), new AddressError("x", rule)]) {
    assert.equal(error.message, 'x: "\\x9b31m\\x7f\\x85" is none');
  }
});

test("what an error of input quotes is bounded", () => {
  const rule = `${"y".repeat(1_000_000)} cannot be read`;
  for (const error of [new MessageError("x", rule), new OptionError("x", rule), new AddressError("x", rule)]) {
    assert.equal(error.message, `x: ${"y".repeat(800)}...`);
  }
});
