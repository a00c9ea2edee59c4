import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBareAddress } from "../../src/address/parser.js";
import { MessageError, SmtpNotSupportedError } from "../../src/errors/errors.js";
import { type ContentFacts, type Envelope, needsUtf8, planEnvelope } from "../../src/session/envelope.js";
import { type Capabilities, parseCapabilities } from "../../src/wire/capabilities.js";
import { checkParameters } from "../../src/wire/command.js";
import { makeReply } from "../../src/wire/reply.js";

const PLAIN: ContentFacts = { size: 100, hasEightBit: false, hasUtf8Headers: false };
const ALL = ["SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN"];

function offered(...lines: readonly string[]): Capabilities {
  return parseCapabilities(makeReply(250, ["fake", ...lines]));
}

interface Parts {
  readonly sender?: string;
  readonly recipients?: readonly (string | readonly [string, string])[];
  readonly mail?: readonly string[];
  readonly rcpt?: readonly string[];
}

function envelope({
  sender = "s@s.example",
  recipients = ["r@r.example"],
  mail = [],
  rcpt = [],
}: Parts = {}): Envelope {
  return {
    sender: sender === "" ? undefined : parseBareAddress(sender, "sender"),
    recipients: recipients.map((one) => {
      const [address, parameter] = typeof one === "string" ? [one] : one;
      return {
        ...parseBareAddress(address, "recipients"),
        parameters: parameter === undefined ? [] : checkParameters([parameter], "recipients"),
      };
    }),
    mailParameters: checkParameters(mail, "mailOptions"),
    rcptParameters: checkParameters(rcpt, "rcptOptions"),
  };
}

function refusal(parts: Parts, facts: ContentFacts, ...offers: readonly string[]): SmtpNotSupportedError {
  try {
    planEnvelope(envelope(parts), facts, offered(...offers));
  } catch (error) {
    assert.ok(error instanceof SmtpNotSupportedError);
    return error;
  }
  assert.fail("it should be refused");
}

const mailOf = (parts: Parts, facts: ContentFacts, ...offers: readonly string[]): string | undefined =>
  planEnvelope(envelope(parts), facts, offered(...offers)).mail;

test("without extensions the commands are bare", () => {
  assert.deepEqual(planEnvelope(envelope({ recipients: ["a@r.example", "b@r.example"] }), PLAIN, offered()), {
    mail: "MAIL FROM:<s@s.example>",
    recipients: ["RCPT TO:<a@r.example>", "RCPT TO:<b@r.example>"],
  });
  assert.equal(mailOf({ sender: "" }, PLAIN), "MAIL FROM:<>");
});

test("SIZE is exact, and left out where it is not offered, not known, or given", () => {
  assert.equal(mailOf({}, PLAIN, "SIZE"), "MAIL FROM:<s@s.example> SIZE=100");
  assert.equal(mailOf({}, { ...PLAIN, size: 0 }, "SIZE 0"), "MAIL FROM:<s@s.example> SIZE=0");
  assert.equal(mailOf({}, { ...PLAIN, size: undefined }, "SIZE"), "MAIL FROM:<s@s.example>");
  assert.equal(mailOf({ mail: ["size=7"] }, PLAIN, "SIZE"), "MAIL FROM:<s@s.example> size=7");
});

test("content larger than the server's limit is refused before MAIL", () => {
  assert.equal(mailOf({}, { ...PLAIN, size: 1000 }, "SIZE 1000"), "MAIL FROM:<s@s.example> SIZE=1000");
  assert.throws(
    () => mailOf({}, { ...PLAIN, size: 1001 }, "SIZE 1000"),
    (error: unknown) => error instanceof MessageError && /1001 bytes.*1000/.test(error.message),
  );
});

test("BODY=BINARYMIME is refused, whatever the server offers: content may have to go by DATA", () => {
  for (const offered of ["8BITMIME", "BINARYMIME", "CHUNKING"]) {
    assert.throws(() => mailOf({ mail: ["body=binarymime"] }, PLAIN, offered), {
      name: "SmtpNotSupportedError",
      extension: "BINARYMIME",
    });
  }
});

test("BODY=8BITMIME is said only of 8-bit content, where it is offered", () => {
  const eightBit = { ...PLAIN, size: undefined, hasEightBit: true };
  const unsure = { ...PLAIN, size: undefined, hasEightBit: undefined };
  assert.equal(mailOf({}, PLAIN, "8BITMIME"), "MAIL FROM:<s@s.example>");
  assert.equal(mailOf({}, eightBit, "8BITMIME"), "MAIL FROM:<s@s.example> BODY=8BITMIME");
  assert.equal(mailOf({}, unsure, "8BITMIME"), "MAIL FROM:<s@s.example> BODY=8BITMIME");
  assert.equal(mailOf({}, unsure), "MAIL FROM:<s@s.example>");
  assert.equal(mailOf({ mail: ["BODY=7BIT"] }, eightBit, "8BITMIME"), "MAIL FROM:<s@s.example> BODY=7BIT");
  assert.equal(refusal({}, eightBit).extension, "8BITMIME");
});

test("SMTPUTF8 is said only when an address, a header or an option needs it", () => {
  assert.equal(mailOf({ sender: "ü@s.example" }, PLAIN, ...ALL), "MAIL FROM:<ü@s.example> SIZE=100 SMTPUTF8");
  assert.equal(mailOf({ recipients: ["ü@r.example"] }, PLAIN, "SMTPUTF8"), "MAIL FROM:<s@s.example> SMTPUTF8");
  assert.equal(mailOf({}, { ...PLAIN, hasUtf8Headers: true }, "SMTPUTF8"), "MAIL FROM:<s@s.example> SMTPUTF8");
  assert.equal(mailOf({ mail: ["SMTPUTF8"] }, PLAIN, "SMTPUTF8"), "MAIL FROM:<s@s.example> SMTPUTF8");
  assert.equal(mailOf({}, PLAIN, "SMTPUTF8"), "MAIL FROM:<s@s.example>");
  assert.equal(needsUtf8(envelope()), false);
  assert.equal(needsUtf8(envelope({ sender: "" })), false);
});

test("SMTPUTF8 that is needed and not offered is refused, by whatever needs it", () => {
  for (const parts of [{ sender: "ü@s.example" }, { recipients: ["ü@r.example"] }, { mail: ["SMTPUTF8"] }]) {
    const error = refusal(parts, PLAIN);
    assert.equal(error.extension, "SMTPUTF8");
    assert.equal(error.phase, "mail");
  }
  assert.equal(refusal({}, { ...PLAIN, hasUtf8Headers: true }).extension, "SMTPUTF8");
});

test("a domain in another script goes out as A-labels", () => {
  const { mail, recipients } = planEnvelope(
    envelope({ sender: "s@bücher.example", recipients: ["r@ex\u00adample.com"] }),
    PLAIN,
    offered(),
  );
  assert.equal(mail, "MAIL FROM:<s@xn--bcher-kva.example>");
  assert.deepEqual(recipients, ["RCPT TO:<r@example.com>"]);
});

test("parameters of every RCPT stand before those of one", () => {
  const { recipients } = planEnvelope(
    envelope({ recipients: [["a@r.example", "NOTIFY=NEVER"], "b@r.example"], rcpt: ["X-KEY=1"] }),
    PLAIN,
    offered("DSN"),
  );
  assert.deepEqual(recipients, ["RCPT TO:<a@r.example> X-KEY=1 NOTIFY=NEVER", "RCPT TO:<b@r.example> X-KEY=1"]);
});

test("a parameter whose extension is not offered is refused, unknown ones are the caller's business", () => {
  for (const [parts, extension, phase] of [
    [{ mail: ["RET=HDRS"] }, "DSN", "mail"],
    [{ mail: ["envid=x"] }, "DSN", "mail"],
    [{ mail: ["SIZE=5"] }, "SIZE", "mail"],
    [{ mail: ["BODY=8BITMIME"] }, "8BITMIME", "mail"],
    [{ rcpt: ["NOTIFY=NEVER"] }, "DSN", "rcpt"],
    [{ recipients: [["a@r.example", "ORCPT=rfc822;x"]] }, "DSN", "rcpt"],
  ] as const) {
    const error = refusal(parts, PLAIN);
    assert.equal(error.extension, extension);
    assert.equal(error.phase, phase);
    assert.doesNotThrow(() => planEnvelope(envelope(parts), PLAIN, offered(...ALL)));
  }
  assert.equal(mailOf({ mail: ["X-ANY=1"] }, PLAIN), "MAIL FROM:<s@s.example> X-ANY=1");
});
