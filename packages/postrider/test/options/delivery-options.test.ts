import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { DeliveryOptions } from "../../src/options/delivery-options.js";
import { deliveryOptions } from "../../src/options/delivery-options.js";
import { splitSendOptions } from "../../src/options/pool-options.js";
import { refusal } from "./refusal.js";

const refused = (option: string, given: unknown, rule?: RegExp): void => {
  refusal(option, () => deliveryOptions(given as DeliveryOptions), rule);
};

test("without options everything comes from the message", () => {
  assert.deepEqual(deliveryOptions(), {
    sender: undefined,
    recipients: undefined,
    envelopeFromHeaders: false,
    mailOptions: [],
    rcptOptions: [],
    dsn: undefined,
    requireTls: false,
    deliverBy: undefined,
    holdFor: undefined,
    holdUntil: undefined,
    priority: undefined,
    dkim: undefined,
    signal: undefined,
  });
});

test("the null sender is a sender", () => {
  assert.equal(deliveryOptions({ sender: "" }).sender, "");
  refused("sender", { sender: 1 });
  refused("sender", { sender: null }, /leave it out/);
});

test("recipients are one string, or a list of addresses and of recipients with options", () => {
  assert.equal(deliveryOptions({ recipients: "a@x.example, b@x.example" }).recipients, "a@x.example, b@x.example");
  const notify = ["success", "failure"] as const;
  const given = ["a@x.example", { address: "b@x.example", notify, originalRecipient: "rfc822;c@x.example" }];
  assert.deepEqual(deliveryOptions({ recipients: given }).recipients, [{ address: "a@x.example" }, given[1]]);
  assert.deepEqual(deliveryOptions({ recipients: [{ address: "b@x.example", notify: "never" }] }).recipients, [
    { address: "b@x.example", notify: "never" },
  ]);
});

test("recipients of other shapes are refused, by their index", () => {
  refused("recipients", { recipients: [] }, /at least one/);
  refused("recipients", { recipients: "" }, /at least one/);
  refused("recipients", { recipients: "  " }, /at least one/);
  refused("recipients", { recipients: new Set(["a@x.example"]) });
  refused("recipients", { recipients: { address: "a@x.example" } });
  refused("recipients", { recipients: 1 });
  refused("recipients[1]", { recipients: ["a@x.example", 1] });
  refused("recipients[0]", { recipients: [null] });
  refused("recipients[0]", { recipients: new Array(1) });
  refused("recipients[0]", { recipients: [["a@x.example"]] });
  refused("recipients[0].address", { recipients: [{}] });
  refused("recipients[0].adress", { recipients: [{ adress: "a@x.example" }] }, /did you mean address\?/);
});

test("when to notify is a closed set of words", () => {
  const notify = (value: unknown): unknown => ({ recipients: [{ address: "a@x.example", notify: value }] });
  refused("recipients[0].notify", notify("always"));
  refused("recipients[0].notify", notify("success"));
  refused("recipients[0].notify", notify([]), /never/);
  refused("recipients[0].notify[0]", notify(["sucess"]), /did you mean "success"\?/);
  refused("recipients[0].notify[1]", notify(["success", "never"]));
  refused("recipients[0].notify", notify(["delay", "delay"]), /twice/);
  refused("recipients[0].originalRecipient", { recipients: [{ address: "a@x.example", originalRecipient: "a\r\nb" }] });
});

test("parameters are arrays of strings without controls", () => {
  assert.deepEqual(deliveryOptions({ mailOptions: ["BODY=8BITMIME"] }).mailOptions, ["BODY=8BITMIME"]);
  for (const name of ["mailOptions", "rcptOptions"]) {
    refused(name, { [name]: "BODY=8BITMIME" }, /array/);
    refused(`${name}[0]`, { [name]: [1] });
    refused(`${name}[1]`, { [name]: ["A", "B\r\nRCPT TO:<e@v.il>"] }, /control/);
    refused(`${name}[0]`, { [name]: [""] });
  }
});

test("options of reports", () => {
  assert.deepEqual(deliveryOptions({ dsn: { return: "full", envelopeId: "id 1" } }).dsn, {
    return: "full",
    envelopeId: "id 1",
  });
  refused("dsn", { dsn: true });
  refused("dsn.return", { dsn: { return: "all" } }, /"full" or "headers"/);
  refused("dsn.ret", { dsn: { ret: "full" } });
  refused("dsn.envelopeId", { dsn: { envelopeId: "" } });
  refused("dsn.envelopeId", { dsn: { envelopeId: "a\r\nRCPT TO:<e@v.il>" } }, /control/);
  refused("dsn.envelopeId", { dsn: { envelopeId: "\u00e9" } }, /ASCII/);
});

test("an envelope id is as long as its encoding on the wire", () => {
  assert.ok(deliveryOptions({ dsn: { envelopeId: "x".repeat(100) } }));
  assert.ok(deliveryOptions({ dsn: { envelopeId: `${"x".repeat(97)}+` } }));
  refused("dsn.envelopeId", { dsn: { envelopeId: "x".repeat(101) } }, /100/);
  refused("dsn.envelopeId", { dsn: { envelopeId: `${"x".repeat(98)}+` } }, /100/);
});

test("an unknown option is refused with the nearest name", () => {
  refused("recipient", { recipient: ["a@x.example"] }, /did you mean recipients\?/);
  refused("to", { to: "a@x.example" }, /did you mean recipients\?/);
  refused("port", { port: 25 }, /no such option/);
});

test("resolved options are frozen, and nothing the caller changes later reaches them", () => {
  const recipient = { address: "a@x.example", notify: ["success"] as ("success" | "failure")[] };
  const options = { recipients: [recipient], mailOptions: ["A"], dsn: { envelopeId: "x" } };
  const before = inspect(options, { depth: 9 });
  const resolved = deliveryOptions(options);
  assert.equal(inspect(options, { depth: 9 }), before);
  recipient.address = "b@x.example";
  recipient.notify.push("failure");
  options.recipients.push(recipient);
  options.mailOptions.push("B");
  options.dsn.envelopeId = "y";
  assert.deepEqual(resolved.recipients, [{ address: "a@x.example", notify: ["success"] }]);
  assert.deepEqual(resolved.mailOptions, ["A"]);
  assert.deepEqual(resolved.dsn, { envelopeId: "x" });
  assert.ok(
    [resolved, resolved.recipients, resolved.recipients?.[0], resolved.mailOptions, resolved.dsn].every(
      Object.isFrozen,
    ),
  );
});

test("the options of one call are told apart, the signal is in both", () => {
  const { signal } = new AbortController();
  const given = {
    hostname: "mx.example",
    port: 25,
    sender: "a@x.example",
    recipients: ["b@x.example"],
    signal,
    useTls: undefined,
  };
  assert.deepEqual(splitSendOptions(given), {
    connection: { hostname: "mx.example", port: 25, signal },
    delivery: { sender: "a@x.example", recipients: ["b@x.example"], signal },
  });
  assert.deepEqual(splitSendOptions(), { connection: {}, delivery: {} });
});

test("an option that neither side knows is refused with the nearest name of both", () => {
  refusal("recipient", () => splitSendOptions({ recipient: 1 } as never), /did you mean recipients\?/);
  refusal("hostnam", () => splitSendOptions({ hostnam: 1 } as never), /did you mean hostname\?/);
  refusal("options", () => splitSendOptions(null as never));
});
