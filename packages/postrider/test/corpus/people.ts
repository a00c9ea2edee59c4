/** The addresses of the corpus: as they are given, and as a reader must find them. */
import type { AddressesInput } from "../../src/address/input.js";

/** A mailbox without its group; a name that is absent is empty. */
export interface Person {
  readonly name: string;
  readonly address: string;
}

export interface PeopleRow {
  readonly name: string;
  readonly make: (person: string) => { readonly given: AddressesInput; readonly expected: readonly Person[] };
}

const one = (name: string, address: string): Person => ({ name, address });

/** Names that are data and look like syntax. */
const HARD_NAMES: readonly string[] = [
  "Doe, Jane",
  'The "Boss"',
  "back\\slash",
  "a <e@v.il>",
  "e@v.il",
  "=?utf-8?q?no?=",
  "Group: a;",
  "(comment)",
  ".dot. [x]",
  "semi;colon",
  `${"Long ".repeat(30)}Name`,
  `${"Länge ".repeat(30)}Ende`,
  "x".repeat(200),
];

export const PEOPLE: readonly PeopleRow[] = [
  {
    name: "an object",
    make: (name) => ({ given: { name, address: "one@y.example" }, expected: [one(name, "one@y.example")] }),
  },
  { name: "bare", make: () => ({ given: "one@y.example", expected: [one("", "one@y.example")] }) },
  {
    name: "text with commas",
    make: () => ({
      given: 'One <one@y.example>, "Two, Mr" <two@y.example>, three@y.example',
      expected: [one("One", "one@y.example"), one("Two, Mr", "two@y.example"), one("", "three@y.example")],
    }),
  },
  {
    name: "many",
    make: (name) => {
      const people = Array.from({ length: 30 }, (_, index) => one(`${name} ${index}`, `person.${index}@y.example`));
      return { given: people, expected: people };
    },
  },
  {
    name: "a group",
    make: (name) => ({
      given: ["before@y.example", { name, members: [{ name: "A, B", address: "ab@y.example" }, "c@y.example"] }],
      expected: [one("", "before@y.example"), one("A, B", "ab@y.example"), one("", "c@y.example")],
    }),
  },
  {
    name: "a domain in Unicode",
    make: (name) => ({
      given: { name, address: "one@b\u00fccher.example" },
      expected: [one(name, "one@xn--bcher-kva.example")],
    }),
  },
  {
    name: "a domain literal and tags",
    make: () => ({
      given: ["one@[192.0.2.1]", "o'ne+tag=x@y.example"],
      expected: [one("", "one@[192.0.2.1]"), one("", "o'ne+tag=x@y.example")],
    }),
  },
  ...HARD_NAMES.map((name) => ({
    name: `the name ${name.length > 40 ? `${name.slice(0, 6)}... (${name.length})` : name}`,
    make: () => ({ given: { name, address: "one@y.example" }, expected: [one(name, "one@y.example")] }),
  })),
];
