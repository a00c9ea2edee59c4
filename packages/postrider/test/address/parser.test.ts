import assert from "node:assert/strict";
import { test } from "node:test";
import { type Group, isGroup, type Mailbox } from "../../src/address/mailbox.js";
import { AddressParser, parseAddressList, parseBareAddress, parseMailbox } from "../../src/address/parser.js";
import { AddressError } from "../../src/errors/errors.js";
import { fc } from "../support/property.js";

const mailbox = (address: string, name?: string, asciiAddress: string | undefined = address): Mailbox => ({
  name,
  address,
  asciiAddress,
});

function failure(text: string): AddressError {
  try {
    parseAddressList(text, "to");
  } catch (error) {
    assert.ok(error instanceof AddressError, `${JSON.stringify(text)}: ${String(error)}`);
    assert.equal(error.field, "to");
    return error;
  }
  return assert.fail(`accepted ${JSON.stringify(text)}`);
}

test("one mailbox in all its usual forms", () => {
  const cases: [string, Mailbox][] = [
    ["jane@example.com", mailbox("jane@example.com")],
    ["<jane@example.com>", mailbox("jane@example.com")],
    ["  jane@example.com\t", mailbox("jane@example.com")],
    ["Jane Doe <jane@example.com>", mailbox("jane@example.com", "Jane Doe")],
    ["Jane   Doe<jane@example.com>", mailbox("jane@example.com", "Jane Doe")],
    ['"Doe, Jane" <jane@example.com>', mailbox("jane@example.com", "Doe, Jane")],
    ['"Jane \\"J\\" \\\\ Doe" <jane@example.com>', mailbox("jane@example.com", 'Jane "J" \\ Doe')],
    ['"Jane" Doe <jane@example.com>', mailbox("jane@example.com", "Jane Doe")],
    ['"Jane\tDoe" <jane@example.com>', mailbox("jane@example.com", "Jane Doe")],
    ['"" <jane@example.com>', mailbox("jane@example.com")],
    ["Jürgen Müller <jm@example.com>", mailbox("jm@example.com", "Jürgen Müller")],
    ["John Q. Public <j@example.com>", mailbox("j@example.com", "John Q. Public")],
    ["J.R.R. Tolkien <j@example.com>", mailbox("j@example.com", "J.R.R. Tolkien")],
    ["!#$%&'*+-/=?^_`{|}~@example.com", mailbox("!#$%&'*+-/=?^_`{|}~@example.com")],
    ["a@localhost", mailbox("a@localhost")],
    ["a@Example.COM", mailbox("a@Example.COM")],
    ["=?utf-8?q?x?=@example.com", mailbox("=?utf-8?q?x?=@example.com")],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(parseAddressList(text), [expected], text);
    assert.deepEqual(parseMailbox(text), expected, text);
  }
});

test("comments are skipped wherever they may stand, and are never a name", () => {
  for (const text of [
    "jane@example.com (Jane Doe)",
    "(first)jane@example.com",
    "jane(one)@(two)example.com(three)",
    "jane @ example.com",
    "<(x)jane@example.com(y)>",
    "jane@example.com (nested (deeper (deepest)))",
    "jane@example.com (quoted \\) \\( \\\\)",
    "<jane@example.com(@evil.com)>",
    "jane@example.com(, b@example.com)",
  ]) {
    assert.deepEqual(parseAddressList(text), [mailbox("jane@example.com")], text);
  }
  assert.deepEqual(parseMailbox("Jane (the one) Doe <jane@example.com>"), mailbox("jane@example.com", "Jane Doe"));
});

test("a quoted local part keeps its quotes where it needs them, and only there", () => {
  const cases: [string, string][] = [
    ['"a@b.com x"@internal.domain', '"a@b.com x"@internal.domain'],
    ['"toni> ORCPT=admin@admin.com"@example.com', '"toni> ORCPT=admin@admin.com"@example.com'],
    ['"john"@example.com', "john@example.com"],
    ['"john.doe"@example.com', "john.doe@example.com"],
    ['"john".doe@example.com', "john.doe@example.com"],
    ['"john..doe"@example.com', '"john..doe"@example.com'],
    ['".john"@example.com', '".john"@example.com'],
    ['""@example.com', '""@example.com'],
    ['"a\\b"@example.com', "ab@example.com"],
    ['"a\\"b\\\\"@example.com', '"a\\"b\\\\"@example.com'],
    ['" "@example.com', '" "@example.com'],
  ];
  for (const [text, address] of cases) assert.deepEqual(parseMailbox(text), mailbox(address), text);
});

test("domain literals are those of RFC 5321", () => {
  for (const literal of ["[127.0.0.1]", "[IPv6:::1]", "[IPv6:2001:db8::1]", "[ipv6:1:2:3:4:5:6:7:8]"]) {
    assert.deepEqual(parseMailbox(`a@${literal}`), mailbox(`a@${literal}`));
  }
  for (const literal of [
    "[]",
    "[127.0.0.256]",
    "[127.0.0]",
    "[IPv6:]",
    "[IPv6:::1::]",
    "[::1]",
    "[x y]",
    "[tag:a@b]",
    "[x400:a/b]",
    "[IPv6:fe80::1%eth0]",
  ]) {
    assert.match(failure(`a@${literal}`).message, /not an address literal/);
  }
  assert.match(failure("a@[127.0.0.1").message, /never closed/);
  assert.equal(failure("a@[127.0.0.1").position, 2);
});

test("international domains have one ASCII form", () => {
  assert.deepEqual(parseMailbox("a@bücher.example"), mailbox("a@bücher.example", undefined, "a@xn--bcher-kva.example"));
  assert.deepEqual(parseMailbox("x@ex\u00adample.com"), mailbox("x@ex\u00adample.com", undefined, "x@example.com"));
  assert.deepEqual(parseMailbox("a@b\u3002com"), mailbox("a@b\u3002com", undefined, "a@b.com"));
  const quoted = parseMailbox('"a b"@bücher.example');
  assert.equal(quoted.asciiAddress, '"a b"@xn--bcher-kva.example');
});

test("an international local part has no ASCII form", () => {
  for (const text of [
    "jürgen@example.com",
    "用户@例子.example",
    '"jürgen m"@example.com',
    "Jürgen <jürgen@example.com>",
  ]) {
    assert.equal(parseMailbox(text).asciiAddress, undefined, text);
  }
  assert.equal(parseMailbox('"jürgen"@example.com').address, "jürgen@example.com");
});

test("groups hold mailboxes", () => {
  assert.deepEqual(parseAddressList("undisclosed-recipients:;"), [{ name: "undisclosed-recipients", members: [] }]);
  assert.deepEqual(parseAddressList('a@b.c, "The, team": (c) Jane <j@x.y>, k@x.y ; , d@e.f'), [
    mailbox("a@b.c"),
    { name: "The, team", members: [mailbox("j@x.y", "Jane"), mailbox("k@x.y")] },
    mailbox("d@e.f"),
  ]);
});

test("encoded words in names are decoded, and only there", () => {
  const cases: [string, string][] = [
    ["=?utf-8?q?J=C3=BCrgen?=", "Jürgen"],
    ["=?utf-8?q?J=C3=BCrgen_?= =?utf-8?q?M=C3=BCller?=", "Jürgen Müller"],
    ["=?iso-8859-1?Q?J=FCrgen?= Doe", "Jürgen Doe"],
    ["Herr =?utf-8?B?SsO8cmdlbg==?= Doe", "Herr Jürgen Doe"],
    ["=?utf-8?q?J._Smith?=", "J. Smith"],
    ['"=?utf-8?q?x?="', "=?utf-8?q?x?="],
    ["=?no-such-charset?q?x?=", "=?no-such-charset?q?x?="],
  ];
  for (const [text, name] of cases) {
    assert.deepEqual(parseMailbox(`${text} <a@b.c>`), mailbox("a@b.c", name), text);
  }
  assert.equal(parseMailbox("=?utf-8?q?Doe=2C_=3Ce=40v=2Eil=3E?= <a@b.c>").name, "Doe, <e@v.il>");
});

test("an encoded word cannot spell a line break into a name", () => {
  for (const word of ["=?utf-8?q?a=0D=0ABcc?=", "=?utf-8?b?YQ0KQmNj?=", "=?utf-8?q?=00?=", "=?utf-16le?q?=0D=00?="]) {
    const { name } = parseMailbox(`${word} <a@b.c>`);
    assert.equal(name, word);
  }
  assert.match(failure("=?utf-8?q?a=09b?= <a@b.c>").message, /control character once it is decoded/);
});

test("every control character and half pair is refused", () => {
  for (let unit = 0; unit < 0xa0; unit += 1) {
    if (unit === 0x20) unit = 0x7f;
    const char = String.fromCharCode(unit);
    for (const text of [`a${char}b@example.com`, `"a${char}b"@example.com`, `a@exa${char}mple.com`]) failure(text);
    if (char === "\t") continue;
    for (const text of [`a@b.c${char}`, `${char}a@b.c`, `"a${char}b" <a@b.c>`, `a@b.c (${char})`]) {
      assert.match(failure(text).message, /control characters/);
    }
  }
  for (const text of ["a\ud800@b.c", '"\udc00" <a@b.c>', "a@b.c (\ud800)"])
    assert.match(failure(text).message, /surrogate/);
});

test("code points whose low byte is CR or LF are letters like others", () => {
  for (const char of ["\u760d", "\u760a", "\u010d", "\u010a"]) {
    assert.equal(parseMailbox(`${char} <a@b.c>`).name, char);
    assert.equal(parseMailbox(`a${char}@b.c`).asciiAddress, undefined);
  }
});

test("characters that cannot be seen are refused in a local part", () => {
  for (const char of ["\u00a0", "\u200b", "\u2060", "\ufeff", "\u3000", "\u202e", "\u00ad"]) {
    assert.match(failure(`a${char}b@c.de`).message, /an invisible character/, JSON.stringify(char));
    assert.match(failure(`"a ${char}b"@c.de`).message, /an invisible character/);
  }
  assert.equal(parseMailbox("नी\u200dत@c.de").asciiAddress, undefined);
});

test("what is ambiguous or malformed is refused, with its place", () => {
  const cases: [text: string, position: number, rule: RegExp][] = [
    ["", 0, /address is missing/],
    ["   ", 3, /address is missing/],
    ["jane", 4, /"@" is missing/],
    ["jane doe", 8, /"@" is missing/],
    ["a@b.com@c.com", 7, /second "@"/],
    ["Foo <a@good> <b@evil>", 13, /"<" follows an address/],
    ["a@b <c@d>", 4, /"<" follows an address/],
    ["Foo <a@b@c>", 8, /second "@"/],
    ["user@evil.com(good.com", 13, /never closed/],
    ["a@b,", 4, /address is missing/],
    [",a@b", 0, /address is missing/],
    ["a@b,,c@d", 4, /address is missing/],
    ["a@b c@d", 4, /comma is missing/],
    ["a@b; c@d", 3, /does not separate addresses/],
    ["a@b <", 4, /"<" follows an address/],
    ["jane doe@example.com", 5, /Name <a@b\.c>/],
    ["first. last@example.com", 7, /white space or a comment in it/],
    ["a(x)b@example.com", 4, /white space or a comment in it/],
    ["a@b .c", 4, /a domain has white space or a comment in it/],
    ["a.@b.c", 2, /must be quoted/],
    [".a@b.c", 0, /an extra dot/],
    ["a..b@c.d", 2, /an extra dot/],
    ['"a"b@c.d', 3, /two words without a dot between/],
    ["@b.c", 0, /the local part is missing before "@"/],
    ["a@", 2, /domain is missing/],
    ["a@,b@c", 2, /domain is missing/],
    ["a@b..c", 2, /not a domain name/],
    ["a@b.c.", 2, /not a domain name/],
    ["a@-b.c", 2, /not a domain name/],
    ["a@[1.2.3.4]x", 11, /comma is missing/],
    ["<>", 1, /an address is missing/],
    ["Foo <>", 5, /an address is missing/],
    ["<a@b", 0, /"<" is never closed/],
    ["Foo <a@b (x", 9, /never closed/],
    ["a@b>", 3, /comma is missing/],
    ["<<a@b>>", 1, /an address is missing/],
    ["<@a:b@c>", 1, /source routes/],
    ["[x] <a@b>", 0, /an address is missing/],
    ["Foo [x] <a@b>", 4, /needs quotes/],
    ["Foo \\ <a@b>", 4, /only inside quotes/],
    ["Foo ) <a@b>", 4, /only inside quotes/],
    ['"Foo <a@b>', 0, /quoted string is opened/],
    ['"Foo\\" <a@b>', 0, /quoted string is opened/],
    ['"Foo"bar <a@b>', 5, /white space is missing/],
    [".Foo <a@b>", 0, /must not begin with a dot/],
    ["Foo: a@b", 3, /is never closed with ";"/],
    ["Foo:", 3, /is never closed with ";"/],
    ["Foo: a@b,;", 9, /missing after ","/],
    ["Foo: ,a@b;", 5, /address is missing/],
    ["Foo: bar: a@b;;", 8, /groups do not nest/],
    [":a@b;", 0, /needs a name/],
    ['"": a@b;', 2, /needs a name/],
    ["Foo: a@b; c@d", 10, /comma is missing/],
  ];
  for (const [text, position, rule] of cases) {
    const error = failure(text);
    assert.match(error.message, rule, text);
    assert.equal(error.position, position, `${text}: ${error.message}`);
    assert.match(error.message, new RegExp(`position ${position},`));
  }
});

test("the error shows what stands around the place, and not all of a long text", () => {
  const error = failure(`${"a@b.c, ".repeat(1000)}oops, ${"a@b.c, ".repeat(1000)}`);
  assert.equal(error.position, 7004);
  assert.match(error.message, /oops/);
  assert.ok(error.message.length < 250);
});

test("hostile megabytes end in an AddressError or in addresses, never in a stack overflow", () => {
  const size = 1024 * 1024;
  for (const unit of [
    "a@b.c,",
    "a(b)",
    "<",
    '"',
    "(",
    "[",
    "\\",
    "()",
    "g0:",
    "x:;,",
    '"\\',
    "a.",
    "é.",
    "a ",
    "=?utf-8?q?x?= ",
  ]) {
    failure(unit.repeat(size / unit.length));
  }
  failure(`${"g0:".repeat(3000)}a@b;`);
  failure(`a@b.c ${"(".repeat(200)}${")".repeat(200)}`);
  assert.equal(parseAddressList(`${"a@b.c,".repeat(100_000)}a@b.c`).length, 100_001);
});

test("exactly one mailbox", () => {
  assert.throws(() => parseMailbox("a@b.c, d@e.f", "sender"), {
    name: "AddressError",
    field: "sender",
    message: /not 2/,
  });
  assert.throws(() => parseMailbox("g:;", "sender"), { name: "AddressError", message: /not a group/ });
});

test("a bare address is an address and nothing else", () => {
  for (const text of ["a@b.c", '"a b"@c.d', 'x."a b"@c.d', "jürgen@bücher.example", '"(x)"@c.d'])
    parseBareAddress(text);
  for (const text of [
    "<a@b.c>",
    "Jane <a@b.c>",
    " a@b.c",
    "a@b.c ",
    "a@b.c(x)",
    "a @b.c",
    "a@b.c,d@e.f",
    "g:;",
    "",
    "a@b.c\t",
  ]) {
    assert.throws(() => parseBareAddress(text, "rcpt"), { name: "AddressError", field: "rcpt" }, JSON.stringify(text));
  }
});

test("what is no string is refused", () => {
  for (const value of [undefined, null, 1, {}, []]) {
    assert.throws(() => parseAddressList(value as never, "to"), { name: "AddressError", message: /must be a string/ });
  }
});

test("isGroup tells groups from mailboxes", () => {
  const list: (Mailbox | Group)[] = parseAddressList("a@b.c, g:;");
  assert.deepEqual(list.map(isGroup), [false, true]);
});

test("what is taken without the grammar is what the grammar makes of it", () => {
  const word = fc.stringMatching(/^[\w'-]{1,6}$/);
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
  const localPart = fc.stringMatching(/^[\w!#$%&'*+/=?^`{|}~-]{1,6}(\.[\w!#$%&'*+/=?^`{|}~-]{1,6}){0,2}$/);
  const domain = fc.constantFrom(
    "example.com",
    "EXAMPLE.org",
    "a_b.example",
    "xn--bcher-kva.example",
    "a..b",
    "1.2.3",
    "x-",
  );
  const space = fc.constantFrom("", " ", "  ", "\t");
  fc.assert(
    fc.property(name, localPart, domain, space, (words, local, host, gap) => {
      for (const text of [`${local}@${host}`, `${words}${gap}<${local}@${host}>`]) {
        assert.deepEqual(
          settle(() => parseAddressList(text, "to")),
          settle(() => new AddressParser(text, "to").list()),
          text,
        );
      }
    }),
  );
});

/** What comes of it: the value, or the message of the error. */
function settle(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}
