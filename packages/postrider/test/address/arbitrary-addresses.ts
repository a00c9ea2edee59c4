/** Mailboxes, groups and lists of them for properties: as the parser gives them. */

import type { Group, Mailbox } from "../../src/address/mailbox.js";
import { parseBareAddress } from "../../src/address/parser.js";
import { fc } from "../support/property.js";

const NOT_A_NAME = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;
const NOT_LOCAL = /(?!\u200c|\u200d| )[\p{Z}\p{Cc}\p{Cf}\p{Cs}]/u;

const names: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 120 }),
    fc.string({ unit: fc.constantFrom(...'ab ,."\\<>@()=?é日👍'), minLength: 1, maxLength: 120 }),
  )
  .filter((name) => !NOT_A_NAME.test(name));

const localParts: fc.Arbitrary<string> = fc
  .string({ unit: fc.constantFrom(...'abc.@ "\\<>,;+é'), minLength: 1, maxLength: 40 })
  .filter((text) => !NOT_LOCAL.test(text));

const domains: fc.Arbitrary<string> = fc.constantFrom(
  "example.com",
  "b\u00fccher.example",
  "[192.0.2.1]",
  "Example.ORG",
);

const mailboxes: fc.Arbitrary<Mailbox> = fc
  .tuple(fc.option(names, { nil: undefined }), localParts, domains)
  .map(([name, localPart, domain]) => ({
    ...parseBareAddress(`"${localPart.replace(/["\\]/g, "\\$&")}"@${domain}`),
    name,
  }));

const groups: fc.Arbitrary<Group> = fc.record(
  { name: names, members: fc.array(mailboxes, { maxLength: 4 }) },
  { noNullPrototype: true },
);

export function addressLists(): fc.Arbitrary<(Mailbox | Group)[]> {
  return fc.array(fc.oneof({ weight: 4, arbitrary: mailboxes }, groups), { minLength: 1, maxLength: 6 });
}
