import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import type { Envelope } from "../../src/session/envelope.js";
import { makeEnvelope } from "../../src/submission/envelope.js";

function envelope(options: DeliveryOptions): Envelope {
  const resolved = deliveryOptions(options);
  return makeEnvelope(
    { sender: resolved.sender ?? "s@s.example", recipients: resolved.recipients ?? "r@r.example" },
    resolved,
  );
}

const addresses = (options: DeliveryOptions): string[] => envelope(options).recipients.map(({ address }) => address);
const parameters = (options: DeliveryOptions): string[][] =>
  envelope(options).recipients.map((one) => one.parameters.map(({ text }) => text));

test("the empty sender is the null sender", () => {
  assert.equal(envelope({ sender: "" }).sender, undefined);
  assert.equal(envelope({ sender: "s@s.example" }).sender?.address, "s@s.example");
});

test("one string may hold several recipients, names and groups", () => {
  assert.deepEqual(addresses({ recipients: "a@x.y, Bob <b@x.y>" }), ["a@x.y", "b@x.y"]);
  assert.deepEqual(addresses({ recipients: "team: a@x.y, b@x.y;, c@x.y" }), ["a@x.y", "b@x.y", "c@x.y"]);
});

test("duplicates get one RCPT, in the place of the first", () => {
  assert.deepEqual(
    addresses({ recipients: ["a@X.y", "b@x.y", "a@x.Y", "A@x.y", "c@bücher.example", "c@xn--bcher-kva.example"] }),
    ["a@X.y", "b@x.y", "A@x.y", "c@bücher.example"],
  );
});

test("an address that does not parse is an error that names its place; none is dropped", () => {
  for (const [recipients, field] of [
    [["a@x.y", "oops"], "recipients[1]"],
    [["a@x.y, b@x.y"], "recipients[0]"],
    [["Bob <b@x.y>"], "recipients[0]"],
    [[{ address: "x\r\nRCPT TO:<e@v.il>" }], "recipients[0]"],
    [[{ address: "" }], "recipients[0]"],
  ] as const) {
    assert.throws(() => envelope({ recipients }), { name: "AddressError", field });
  }
  assert.throws(() => envelope({ recipients: "a@x.y, oops" }), { name: "AddressError" });
  assert.throws(() => envelope({ sender: "oops" }), { name: "AddressError", field: "sender" });
  assert.throws(() => envelope({ recipients: "nobody:;" }), { name: "AddressError", field: "recipients" });
});

test("notifications become parameters of MAIL and of each RCPT", () => {
  const { mailParameters } = envelope({ dsn: { return: "headers", envelopeId: "a+b c" }, mailOptions: ["X=1"] });
  assert.deepEqual(
    mailParameters.map(({ text }) => text),
    ["X=1", "RET=HDRS", "ENVID=a+2Bb+20c"],
  );
  assert.deepEqual(
    envelope({ dsn: { return: "full" } }).mailParameters.map(({ text }) => text),
    ["RET=FULL"],
  );
  assert.deepEqual(
    parameters({
      recipients: [
        "a@x.y",
        { address: "b@x.y", notify: "never" },
        { address: "c@x.y", notify: ["success", "delay"], originalRecipient: "c+tag@old.example" },
        { address: "d@x.y", originalRecipient: "x400;/c=de/" },
      ],
    }),
    [[], ["NOTIFY=NEVER"], ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;c+2Btag@old.example"], ["ORCPT=x400;/c+3Dde/"]],
  );
});

test("an original recipient that has no form on the wire is an error", () => {
  for (const originalRecipient of ["ü@x.y", "a\r\nb", "rfc822;a\nb", "a\u0000"]) {
    assert.throws(() => envelope({ recipients: [{ address: "a@x.y", originalRecipient }] }), {
      name: "OptionError",
      option: "recipients[0].originalRecipient",
    });
  }
});

test("a parameter is given once: not by option and by the library, not for all and for one", () => {
  assert.throws(() => envelope({ mailOptions: ["ret=FULL"], dsn: { return: "full" } }), { name: "OptionError" });
  assert.throws(
    () => envelope({ rcptOptions: ["NOTIFY=NEVER"], recipients: ["b@x.y", { address: "a@x.y", notify: "never" }] }),
    { name: "OptionError", option: "recipients[1]", message: /NOTIFY/ },
  );
});

test("parameters that break the line are errors", () => {
  for (const text of ["A=1\r\nRSET", "A=1 B=2", "A=\u0000"]) {
    assert.throws(() => envelope({ mailOptions: [text] }), { name: "OptionError" });
    assert.throws(() => envelope({ rcptOptions: [text] }), { name: "OptionError" });
  }
});
