import assert from "node:assert/strict";
import { test } from "node:test";
import { mailboxKey } from "../../src/address/mailbox.js";
import { parseBareAddress } from "../../src/address/parser.js";
import type { Envelope } from "../../src/session/envelope.js";
import { recipientDomains, splitEnvelope } from "../../src/session/envelope.js";
import { NO_LIMITS } from "../../src/wire/capabilities.js";
import { fc } from "../support/property.js";

function envelope(...addresses: string[]): Envelope {
  const recipients = addresses.map((address) => ({ ...parseBareAddress(address, "recipients"), parameters: [] }));
  return { sender: undefined, recipients, mailParameters: [], rcptParameters: [] };
}

const names = (envelopes: readonly Envelope[]): string[][] =>
  envelopes.map(({ recipients }) => recipients.map(({ address }) => address));

test("an envelope within the limits is the same envelope", () => {
  const one = envelope("a@x.example", "b@y.example");
  for (const limits of [NO_LIMITS, { ...NO_LIMITS, rcptMax: 2, rcptDomainMax: 2 }, { ...NO_LIMITS, mailMax: 1 }]) {
    const [only, ...others] = splitEnvelope(one, limits);
    assert.equal(only, one);
    assert.deepEqual(others, []);
  }
});

test("recipients are cut in their order; domains stay together where these are limited, in any spelling", () => {
  const one = envelope("a@x.example", "b@y.example", "c@X.EXAMPLE", "d@z.example", "e@y.example");
  assert.deepEqual(names(splitEnvelope(one, { ...NO_LIMITS, rcptMax: 2 })), [
    ["a@x.example", "b@y.example"],
    ["c@X.EXAMPLE", "d@z.example"],
    ["e@y.example"],
  ]);
  assert.deepEqual(names(splitEnvelope(one, { ...NO_LIMITS, rcptDomainMax: 1 })), [
    ["a@x.example", "c@X.EXAMPLE"],
    ["b@y.example", "e@y.example"],
    ["d@z.example"],
  ]);
  assert.equal(recipientDomains(envelope("a@b\u00fccher.example", "b@xn--bcher-kva.example")).size, 1);
});

test("every recipient is in one transaction, and every transaction within the limits", () => {
  const limit = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
  const addresses = fc.uniqueArray(
    fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 5 }))
      .map(([box, domain]) => `u${box}@d${domain}.example`),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(addresses, limit, limit, (given, rcptMax, rcptDomainMax) => {
      const parts = splitEnvelope(envelope(...given), { mailMax: undefined, rcptMax, rcptDomainMax });
      assert.deepEqual(names(parts).flat().sort(), [...given].sort());
      for (const part of parts) {
        assert.ok(part.recipients.length > 0 && part.recipients.length <= (rcptMax ?? Infinity));
        assert.ok(recipientDomains(part).size <= (rcptDomainMax ?? Infinity));
        assert.equal(new Set(part.recipients.map(mailboxKey)).size, part.recipients.length);
      }
    }),
  );
});
