import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { CANONICALIZATION_PAIRS } from "../../src/dkim/canonicalization.js";
import { DkimSigner } from "../../src/dkim/dkim-signer.js";
import type { DkimSignerOptions } from "../../src/dkim/dkim-signer-options.js";
import { dkimDnsRecord } from "../../src/dkim/dns-record.js";
import { MessageError, OptionError } from "../../src/errors/errors.js";
import { fc } from "../support/property.js";
import { ALGORITHMS, crlf, KEYS, latin1, RFC_MESSAGE } from "./keys.js";
import { verdicts } from "./verify.js";

const NOW = Date.UTC(2030, 0, 1);

function options(more: Partial<DkimSignerOptions> = {}): DkimSignerOptions {
  return { domain: "example.org", selector: "s1", privateKey: KEYS["ed25519-sha256"].private, ...more };
}

async function records(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["rsa-sha256._domainkey.example.org", await dkimDnsRecord(KEYS["rsa-sha256"].public)],
    ["ed25519-sha256._domainkey.example.org", await dkimDnsRecord(KEYS["ed25519-sha256"].public)],
  ]);
}

function signer(algorithm: keyof typeof KEYS, more: Partial<DkimSignerOptions> = {}): DkimSigner {
  return new DkimSigner(options({ selector: algorithm, privateKey: KEYS[algorithm].private, ...more }));
}

async function signed(message: string, ...signers: readonly DkimSigner[]): Promise<Uint8Array> {
  const fields = await Promise.all(signers.map((one) => one.sign(latin1(message))));
  return latin1(fields.map((field) => `${field}\r\n`).join("") + message);
}

const MESSAGES: Readonly<Record<string, string>> = {
  plain: RFC_MESSAGE,
  "empty body": "From: a@example.org\r\n\r\n",
  "empty lines at the end": "From: a@example.org\r\n\r\na\r\n\r\n\r\n\r\n",
  "no line end at the end": "From: a@example.org\r\n\r\na",
  "white space": "From: a@example.org\r\nSubject:  a \t b\t\r\n \tc  \r\n\r\n \ta  b \t\r\n\r\n\tc\r\n",
  "bytes above 127":
    "From: \u00c3\u00a9 <a@example.org>\r\nSubject: \u00e2\u0082\u00ac\r\n\r\n\u00c3\u00a4  \u00ff\r\n",
  "several of one name": "From: a@example.org\r\nTo: b@c.d\r\nTo: e@f.g\r\nReceived: x\r\nReceived: y\r\n\r\nz\r\n",
};

for (const algorithm of ALGORITHMS) {
  for (const canonicalization of CANONICALIZATION_PAIRS) {
    test(`${algorithm} ${canonicalization}: another's verifier accepts every message, and none that was changed`, async () => {
      const dns = await records();
      for (const [name, message] of Object.entries(MESSAGES)) {
        const bytes = await signed(message, signer(algorithm, { canonicalization }));
        assert.deepEqual(await verdicts(bytes, dns), [{ result: "pass", comment: "" }], name);
        const changed = Buffer.from(bytes).toString("latin1").replace("a@example.org", "b@example.org");
        if (changed !== Buffer.from(bytes).toString("latin1")) {
          assert.notEqual((await verdicts(latin1(changed), dns))[0]?.result, "pass", name);
        }
      }
    });
  }
}

test("random messages verify, as they are and cut anywhere", async () => {
  const dns = await records();
  const word = fc.constantFrom("a", "Bc", " ", "\t", "  ", "=", ":", ";", "\u00e9", "b=", "\r\n\t", "\r\n  ");
  const value = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
  const name = fc.constantFrom("To", "cc", "SUBJECT", "X-Other", "List-Id", "Date", "Content-Type", "Reply-To ");
  const field = fc.tuple(name, value).map(([left, right]) => `${left}:${right}x\r\n`);
  const line = fc.constantFrom("a", " ", "\t", ".", "\r\n", "\u00ff", "bcd  e");
  const body = fc.array(line, { maxLength: 20 }).map((lines) => lines.join(""));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(field, { maxLength: 8 }),
      body,
      sizes,
      fc.constantFrom(...ALGORITHMS),
      fc.constantFrom(...CANONICALIZATION_PAIRS),
      async (fields, text, cuts, algorithm, canonicalization) => {
        const message = `${fields.join("")}From: a@example.org\r\n\r\n${text}`;
        const one = signer(algorithm, { canonicalization, now: () => NOW - 86_400_000 });
        const whole = await one.sign(latin1(message));
        assert.equal(await one.sign(pieces(latin1(message), cuts)), whole);
        // The last line is ended on its way (RFC 5321 §4.1.1.4).
        const end = message.endsWith("\r\n") ? "" : "\r\n";
        const [verdict] = await verdicts(latin1(`${whole}\r\n${message}${end}`), dns);
        assert.equal(verdict?.result, "pass");
      },
    ),
    { numRuns: 150 },
  );
});

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const size of sizes) {
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
  yield bytes.subarray(offset);
}

test("a header alone is signed as one with an empty body", async () => {
  const one = signer("ed25519-sha256", { now: () => NOW, canonicalization: "simple/simple" });
  const whole = await one.sign(latin1("From: a@example.org\r\nTo: b\r\n\r\n"));
  assert.equal(await one.sign(latin1("From: a@example.org\r\nTo: b\r\n")), whole);
  assert.equal(await one.sign(latin1("From: a@example.org\r\nTo: b")), whole);
});

test("several signatures stand beside each other", async () => {
  const bytes = await signed(RFC_MESSAGE, signer("ed25519-sha256"), signer("rsa-sha256"));
  assert.deepEqual(
    (await verdicts(bytes, await records())).map(({ result }) => result),
    ["pass", "pass"],
  );
});

test("the field is one that any reader takes: tags in order, lines of at most 78", async () => {
  const field = await signer("rsa-sha256", { now: () => NOW + 999, expires: 3600 }).sign(latin1(RFC_MESSAGE));
  assert.match(field, /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.org;/);
  for (const line of field.split("\r\n")) assert.ok(line.length <= 78, line);
  for (const line of field.split("\r\n").slice(1)) assert.match(line, /^ \S/);
  const tags = field.replace(/\s+/g, "").replace("DKIM-Signature:", "").split(";");
  assert.deepEqual(
    tags.map((tag) => tag.slice(0, tag.indexOf("="))),
    ["v", "a", "c", "d", "s", "t", "x", "h", "bh", "b"],
  );
  assert.equal(tags[5], `t=${NOW / 1000}`);
  assert.equal(tags[6], `x=${NOW / 1000 + 3600}`);
  assert.equal(
    tags[7],
    "h=from:from:to:to:cc:reply-to:subject:subject:content-type:content-transfer-encoding:date:date:message-id:message-id",
  );
});

test("a field that is added to a signed message breaks the signature when its name is oversigned", async () => {
  const dns = await records();
  const bytes = Buffer.from(await signed(RFC_MESSAGE, signer("ed25519-sha256"))).toString("latin1");
  for (const added of [
    "From: e@v.il",
    "Cc: e@v.il",
    "Subject: other",
    "Reply-To: e@v.il",
    "Date: now",
    "Content-Type: text/html",
  ]) {
    const [verdict] = await verdicts(latin1(bytes.replace("From: ", `${added}\r\nFrom: `)), dns);
    assert.notEqual(verdict?.result, "pass", added);
  }
  for (const added of ["Received: x", "List-Id: <a.b>", "X-Spam: no", "Sender: list@example.net"]) {
    const [verdict] = await verdicts(latin1(bytes.replace("From: ", `${added}\r\nFrom: `)), dns);
    assert.equal(verdict?.result, "pass", added);
  }
});

test("an expiry in the past fails the signature in place of making one that is void", async () => {
  const late = new DkimSigner(options({ now: () => NOW, expires: new Date(NOW) }));
  await assert.rejects(
    late.sign(latin1(RFC_MESSAGE)),
    (error) => error instanceof OptionError && error.option === "expires",
  );
  const early = new DkimSigner(options({ now: () => NOW, expires: new Date(NOW + 1000) }));
  assert.match(await early.sign(latin1(RFC_MESSAGE)), new RegExp(`x=${NOW / 1000 + 1};`));
});

test("a domain and a selector of another script go out as A-labels", async () => {
  const field = await new DkimSigner(options({ domain: "b\u00fccher.example", selector: "sch\u00f6n" })).sign(
    latin1(RFC_MESSAGE),
  );
  assert.match(field, /d=xn--bcher-kva\.example; s=xn--schn-7qa;/);
});

test("line ends other than CRLF are errors, not signed as they are", async () => {
  const one = new DkimSigner(options());
  for (const message of [
    "From: a\nTo: b\n\nx\n",
    "From: a\r\n\r\nx\ny\r\n",
    "From: a\r\n\r\nx\ry",
    "From: a\r\n\r\nx\r",
  ]) {
    await assert.rejects(
      one.sign(latin1(message)),
      (error) => error instanceof MessageError && /only CRLF/.test(error.message),
    );
  }
});

test("what is no message is an error", async () => {
  const one = new DkimSigner(options());
  await assert.rejects(one.sign(latin1("")), /no From/);
  await assert.rejects(one.sign(latin1("\r\nFrom: a\r\n\r\n")), /no From/);
  await assert.rejects(one.sign(latin1("To: a\r\n\r\n")), /no From/);
  await assert.rejects(one.sign("From: a\r\n" as never), MessageError);
  await assert.rejects(one.sign(undefined as never), MessageError);
  await assert.rejects(one.sign(pieceOf("From: a")), MessageError);
});

async function* pieceOf(text: string): AsyncGenerator<never> {
  yield text as never;
}

test("a header without end is given up, however small its pieces", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield latin1("From: a\r\n");
    for (;;) yield latin1("X: y\r\n".repeat(100_000));
  }
  await assert.rejects(new DkimSigner(options()).sign(endless()), /header is longer than/);
});

test("a stream that breaks breaks the signing", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield latin1("From: a\r\n\r\n");
    throw new Error("disk");
  }
  await assert.rejects(new DkimSigner(options()).sign(broken()), /disk/);
});

test("options are checked when the signer is made", () => {
  const wrong: readonly (readonly [
    Partial<Record<keyof DkimSignerOptions | "selectr" | "skipFields", unknown>>,
    RegExp,
  ])[] = [
    [{ domain: undefined }, /^domain: must be given/],
    [{ domain: "a b.example" }, /^domain: /],
    [{ domain: "example.org\r\nX: y" }, /^domain: /],
    [{ domain: "example.org; s=x" }, /^domain: /],
    [{ domain: "localhost" }, /^domain: must have a dot/],
    [{ domain: 1 }, /^domain: /],
    [{ selector: "" }, /^selector: /],
    [{ selector: "a/b" }, /^selector: /],
    [{ selector: "a." }, /^selector: /],
    [{ selector: "mail._domainkey" }, /^selector: must be given without _domainkey/],
    [{ selector: "mail._domainkey.example.org" }, /^selector: must be given without _domainkey/],
    [{ selector: "_mail" }, /^selector: must not have a label that begins with an underscore/],
    [{ domain: "mail._domainkey.example.org" }, /^domain: must be given without _domainkey/],
    [{ domain: "_DomainKey.example.org" }, /^domain: must be given without _domainkey/],
    [{ domain: "_dmarc.example.org" }, /^domain: must not have a label/],
    [{ selector: Array.from({ length: 4 }, () => "a".repeat(60)).join(".") }, /^selector: makes a DNS name/],
    [{ algorithm: "rsa-sha256" }, /^algorithm: must be "ed25519-sha256" with this key/],
    [{ algorithm: "rsa-sha1" }, /^algorithm: /],
    [{ canonicalization: "relaxed" }, /^canonicalization: must be "relaxed\/relaxed" or/],
    [{ headers: ["To"] }, /^headers: must hold From/],
    [{ skipHeaders: "To" }, /^skipHeaders: must be an array/],
    [{ skipHeaders: ["From"] }, /^skipHeaders\[0\]: must not be From/],
    [{ skipHeaders: ["to", "Subjec"] }, /^skipHeaders\[1\]: must be in the default list.*did you mean subject\?/],
    [{ skipHeaders: ["to"], headers: ["from"] }, /^skipHeaders: must not be given together with headers/],
    [{ skipFields: "to" }, /^skipFields: there is no such option; did you mean skipHeaders\?/],
    [{ expires: 0 }, /^expires: /],
    [{ expires: -1 }, /^expires: /],
    [{ expires: 1.5 }, /^expires: /],
    [{ expires: new Date(Number.NaN) }, /^expires: /],
    [{ expires: "3600" }, /^expires: /],
    [{ now: 1 }, /^now: /],
    [{ canonicalization: null }, /^canonicalization: must not be null/],
    [{ selectr: "x" }, /^selectr: there is no such option; did you mean selector\?/],
  ];
  for (const [more, rule] of wrong) {
    assert.throws(
      () => new DkimSigner({ ...options(), ...more } as never),
      (error) => error instanceof OptionError && rule.test(error.message),
      inspect(more),
    );
  }
  assert.throws(() => new DkimSigner(undefined as never), OptionError);
});

test("the default list can be read, and made shorter: what is left is signed as before", async () => {
  const message =
    "From: a@example.org\r\nTo: b@c.d\r\nSubject: x\r\nDate: Tue, 1 Jan 2030 00:00:00 +0000\r\nList-Id: <a.b>\r\n\r\nx\r\n";
  const namesOf = async (more: Partial<DkimSignerOptions>): Promise<string[]> => {
    const field = (await new DkimSigner(options(more)).sign(latin1(message))).replace(/\r\n\s+/g, "");
    return (/ h=([^;]+);/.exec(field)?.[1] ?? "").split(":");
  };
  assert.ok(Object.isFrozen(DkimSigner.defaultHeaders));
  const whole = await namesOf({});
  for (const name of whole) assert.ok(DkimSigner.defaultHeaders.includes(name), name);
  assert.deepEqual(await namesOf({ skipHeaders: [] }), whole);
  assert.deepEqual(
    await namesOf({ skipHeaders: ["To", "list-id", "date"] }),
    whole.filter((name) => !["to", "list-id", "date"].includes(name)),
  );
});

test("the key is in nothing that is printed", () => {
  const one = new DkimSigner(options());
  const key = KEYS["ed25519-sha256"].private.split("\n")[1] ?? "";
  for (const text of [inspect(one, { showHidden: true, depth: 9 }), JSON.stringify(one), String(one)]) {
    assert.ok(!text.includes(key.slice(10, 40)), text);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(one)), {
    domain: "example.org",
    selector: "s1",
    algorithm: "ed25519-sha256",
    canonicalization: "relaxed/relaxed",
  });
});

test("a message in CRLF from a literal stays the same when it is signed twice", async () => {
  const one = new DkimSigner(options({ now: () => NOW }));
  const message = latin1(crlf("From: a@example.org\n\nHi\n"));
  assert.equal(await one.sign(message), await one.sign(message));
});
