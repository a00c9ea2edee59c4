/**
 * Messages put together at random, from values that programs use: by one seed the same each time.
 */
import { Readable } from "node:stream";

/** A value, made anew for each library. */
type Make = () => unknown;

const FILE = new URL("../../../package.json", import.meta.url).pathname;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46]);
const ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nEND:VCALENDAR";

const of = (...values: readonly unknown[]): readonly Make[] => values.map((value) => () => copied(value));

/** Nodemailer writes into the objects that it is handed. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)]));
}
const stream =
  (...chunks: readonly string[]): Make =>
  () =>
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    );

const ADDRESSES = of(
  "bob@example.com",
  "Bob Example <bob@example.com>",
  '"Example, Bob" <bob@example.com>',
  "Jürgen Müller <jm@example.com>",
  { name: "Bob (the builder)", address: "bob@example.com" },
  { name: "日本語", address: "nihon@example.com" },
  { name: "", address: "bob@example.com" },
  { name: 'Quote " inside', address: "quote@example.com" },
  "a@example.com, Carol <carol@example.com>",
  "a@example.com; b@example.com;",
  ["a@example.com", { name: "C", address: "c@example.com" }, null, ""],
  " spaced@example.com ",
  "Team: x@example.com, y@example.com;",
  "first.last+tag@sub.example.com",
  ["a@example.com", ["b@example.com", "c@example.com"]],
  "a@example.com,\r\n b@example.com",
  "O'Brien <ob@example.com>",
);

const TEXTS: readonly Make[] = [
  ...of(
    "Hi there\n",
    "Grüße, Ünïcödé ✓\n",
    `${"long ".repeat(300)}\n`,
    ".\n..\nFrom me\n",
    Buffer.from("bytes, größer\n"),
    { content: "c2VjcmV0Cg==", encoding: "base64" },
    { content: "an object\n" },
    { path: FILE },
    "tabs\tand  spaces\r\nsecond line\r\n",
    "=41 = looks like quoted-printable =\n",
    "\u00a0no-break\u2028separators\n",
  ),
  stream("streamed ", "text\n"),
];

const HTMLS: readonly Make[] = [
  ...of(
    "<p>Hi</p>\n",
    "<p>Grüße — ✓</p>\n",
    `<p>${"x".repeat(1500)}</p>\n`,
    Buffer.from("<b>bytes</b>\n"),
    { content: "<i>object</i>\n" },
    '<img src="cid:logo@example.org">\n',
  ),
  stream("<p>", "streamed</p>\n"),
];

const ATTACHMENTS: readonly Make[] = [
  ...of(
    { filename: "a.txt", content: "plain" },
    { filename: "b.bin", content: Buffer.from([0, 1, 2, 255]) },
    { filename: "größe 1.pdf", content: "pdf" },
    { filename: "c.csv", content: "YSxiCg==", encoding: "base64" },
    { filename: "d", content: "no ending" },
    { content: "no name", contentType: "text/csv" },
    { path: FILE },
    { path: FILE, filename: "renamed.txt" },
    { filename: "logo.jpg", content: JPEG, cid: "logo@example.org" },
    { filename: "typed.dat", content: "x", contentType: "application/x-own; v=1" },
    { filename: "inline.txt", content: "x", contentDisposition: "inline" },
    { filename: "hex.bin", content: "00ff10", encoding: "hex" },
    { filename: "headed.txt", content: "x", headers: { "X-Part": "yes" } },
    { filename: "long-name-".repeat(12).concat(".txt"), content: "x" },
    { filename: "日本語.txt", content: "x" },
    { filename: 'quote".txt', content: "x" },
    { path: "data:text/plain;base64,aGk=", filename: "data.txt" },
    { filename: "empty.txt", content: "" },
  ),
  () => ({ filename: "stream.bin", content: stream("first ", "second")() }),
];

const SUBJECTS = of(
  "Hello",
  "Grüße aus Köln",
  "🎉 party",
  7,
  "",
  "word ".repeat(40).trim(),
  "Straße ".repeat(20).trim(),
  "two\r\nlines",
  "=?utf-8?B?SGVsbG8=?=",
  "ends with colon:",
  "trailing space ",
);

const HEADERS = of(
  { "X-One": "1" },
  { "X-Many": ["1", "2"] },
  [{ key: "X-Array", value: "yes" }],
  { "X-Number": 5, "X-Wide": "größe" },
  { "X-Long": "long ".repeat(30).trim() },
  { "X-Prepared": { prepared: true, value: "as it is" } },
  { "Auto-Submitted": "auto-generated", Precedence: "bulk" },
  { "X-Break": "one\r\n two" },
);

/** Field, how often it is there, values. */
const FIELDS: readonly (readonly [string, number, readonly Make[]])[] = [
  ["to", 1, ADDRESSES],
  ["cc", 0.3, ADDRESSES],
  ["bcc", 0.2, ADDRESSES],
  ["replyTo", 0.2, ADDRESSES],
  ["sender", 0.1, of("sec@example.org", { name: "Sec", address: "sec@example.org" })],
  ["subject", 0.9, SUBJECTS],
  ["text", 0.8, TEXTS],
  ["html", 0.5, HTMLS],
  ["headers", 0.3, HEADERS],
  ["references", 0.1, of("<a@b.c> <d@e.f>", ["<a@b.c>", "d@e.f"])],
  ["inReplyTo", 0.1, of("<a@b.c>", "a@b.c")],
  ["messageId", 0.1, of("<own@example.org>")],
  ["date", 0.1, of(new Date(1_700_000_000_000), "2024-01-02T03:04:05Z", "Tue, 2 Jan 2024 03:04:05 +0000")],
  ["encoding", 0.1, of("base64", "quoted-printable")],
  ["textEncoding", 0.1, of("base64", "quoted-printable")],
  ["icalEvent", 0.1, of(ICS, { method: "request", content: ICS }, { filename: "i.ics", content: ICS })],
  ["watchHtml", 0.05, of("<b>watch</b>\n")],
  ["amp", 0.05, of("<!doctype html><html amp4email></html>\n")],
  ["alternatives", 0.1, of([{ contentType: "text/x-own; v=1", content: "own\n" }])],
  [
    "list",
    0.1,
    of(
      { unsubscribe: "https://example.org/u" },
      { help: "a@example.org?subject=help", id: { url: "l.example.org", comment: "L" } },
    ),
  ],
  [
    "envelope",
    0.1,
    of({ from: "env@example.org", to: "rcpt@example.com" }, { from: "E <e@example.org>", to: ["r@example.com"] }),
  ],
  ["attachDataUrls", 0.05, of(true)],
  ["xMailer", 0.05, of("own 1.0", false)],
];

const FROM = of(
  "ann@example.org",
  "Ann Example <ann@example.org>",
  { name: "Änn", address: "ann@example.org" },
  [{ name: "Ann", address: "ann@example.org" }],
  '"Ann, the first" <ann@example.org>',
);

/** Mulberry32: small, and good enough to choose with. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the seed stands for; each call makes the same values anew. */
export function randomMessage(seed: number): () => Record<string, unknown> {
  const random = dice(seed);
  const pick = (values: readonly Make[]): Make => values[Math.floor(random() * values.length)] ?? (() => undefined);
  const chosen: [string, Make][] = [["from", pick(FROM)]];
  for (const [field, share, values] of FIELDS) if (random() < share) chosen.push([field, pick(values)]);
  const files = Array.from({ length: random() < 0.5 ? 0 : 1 + Math.floor(random() * 3) }, () => pick(ATTACHMENTS));
  if (files.length > 0) chosen.push(["attachments", () => files.map((make) => make())]);
  return () => Object.fromEntries(chosen.map(([field, make]) => [field, make()]));
}

/** Options of a transport, how often each is there, values. A value of null or undefined is as good as none. */
const OPTIONS: readonly (readonly [string, number, readonly Make[]])[] = [
  ["secure", 0.4, of(false, undefined)],
  ["name", 0.5, of("client.example.org", "[127.0.0.1]", undefined, null)],
  ["ignoreTLS", 0.3, of(true, false, undefined, null)],
  ["requireTLS", 0.1, of(true, false, null)],
  ["opportunisticTLS", 0.2, of(true, undefined)],
  ["tls", 0.4, of({}, { rejectUnauthorized: false }, undefined, null, { minVersion: "TLSv1.2" })],
  ["localAddress", 0.2, of("127.0.0.1", undefined)],
  ["connectionTimeout", 0.3, of(5000, undefined, null)],
  ["greetingTimeout", 0.2, of(5000, null)],
  ["socketTimeout", 0.2, of(5000, undefined)],
  ["logger", 0.3, of(false, undefined, null, { info: () => undefined })],
  ["debug", 0.2, of(false, undefined)],
  ["transactionLog", 0.2, of(true, false)],
  ["pool", 0.4, of(true, false, undefined)],
  ["maxConnections", 0.2, of(2, "2", null, Number.POSITIVE_INFINITY)],
  ["maxMessages", 0.2, of(10, "10", Number.POSITIVE_INFINITY, null)],
  ["rateLimit", 0.1, of(50, null)],
  ["proxy", 0.1, of(undefined, null, "")],
  ["authMethod", 0.2, of("PLAIN", "login", "CRAM-MD5", "cram-md5", "", null, "NO-SUCH")],
  ["service", 0.1, of(undefined, null, "", "no such service")],
  ["dkim", 0.1, of(undefined, null, false)],
  ["component", 0.1, of("mine")],
  ["unknown", 0.3, of("kept", 5)],
  [
    "auth",
    0.7,
    of(
      { user: "ann", pass: "right" },
      { user: "ann", pass: "wrong" },
      { user: "ann", pass: "right", method: "PLAIN" },
      { user: "ann", pass: "right", method: "login" },
      { type: "login", user: "ann", pass: "right" },
      { user: undefined, pass: undefined },
      { user: "", pass: "right" },
      { pass: "right" },
      { user: "ann" },
      { user: "", pass: "" },
      {},
      undefined,
      null,
    ),
  ],
];

/** Options for a server on this port. */
export function randomOptions(seed: number, port: number): Record<string, unknown> {
  const random = dice(seed + 1_000_000);
  const options: Record<string, unknown> = { host: "127.0.0.1", port: random() < 0.5 ? port : String(port) };
  for (const [name, share, values] of OPTIONS) {
    if (random() < share) options[name] = values[Math.floor(random() * values.length)]?.();
  }
  return options;
}
