/**
 * What an attacker writes into a field: everything that ends a line, opens a quote, moves a domain or fills a memory.
 */

export interface Trick {
  readonly name: string;
  readonly text: string;
}

const hex = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;

const codes = (from: number, to: number): Trick[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    name: hex(from + index),
    text: String.fromCharCode(from + index),
  }));

const CONTROLS: readonly Trick[] = [...codes(0x00, 0x1f), ...codes(0x7f, 0x9f)];

/** Code points whose low byte is CR or LF, or that some reader takes for a line end, a dot, an at sign or nothing at all. */
const LOOKALIKES: readonly Trick[] = [
  0x010d, 0x010a, 0x560d, 0x560a, 0x760d, 0x760a, 0x2028, 0x2029, 0x00a0, 0x00ad, 0x034f, 0x061c, 0x180e, 0x200b,
  0x200d, 0x200e, 0x202e, 0x2060, 0x2066, 0x3000, 0x3002, 0xfe52, 0xfeff, 0xff0e, 0xff1c, 0xff20, 0xff61, 0xfffd,
  0xfffe, 0x1f600,
].map((code) => ({ name: hex(code), text: String.fromCodePoint(code) }));

const SURROGATES: readonly Trick[] = [
  { name: "high surrogate alone", text: "\ud800" },
  { name: "low surrogate alone", text: "\udc0a" },
  { name: "surrogates the wrong way round", text: "\udc0d\ud80d" },
];

/** Each with what an injected command or field would look like. */
const INJECTIONS: readonly string[] = [
  "\r\nRCPT TO:<e@v.il>",
  "\nRCPT TO:<e@v.il>",
  "\rRCPT TO:<e@v.il>",
  "\r\nBcc: e@v.il",
  "\nBcc: e@v.il",
  "\rBcc: e@v.il",
  "\r\n Bcc: e@v.il",
  "\r\n\tBcc: e@v.il",
  "\r\n\r\n<script>",
  "\r\n.\r\nMAIL FROM:<e@v.il>\r\n",
  "\n.\n",
  "\r.\r",
  "\u2028Bcc: e@v.il",
  "\u0085Bcc: e@v.il",
  "\u560d\u560aBcc: e@v.il",
  "=?utf-8?q?=0d=0aBcc:_e@v.il?=",
  "=?utf-8?b?DQpCY2M6IGVAdi5pbA==?=",
  "=?utf-8?q?a?= =?utf-8?q?b?=",
  "=?utf-16?b?AA0ACg==?=",
  "=?x",
  "?=",
  "=0D=0A",
  "%0D%0ABcc:%20e@v.il",
  "+0D+0A",
  "\\r\\n",
  "> ORCPT=rfc822;e@v.il",
  "> SIZE=1",
  ">",
  "<",
  "<>",
  "<e@v.il>",
  "a <e@v.il>",
  "<a@good.example> <e@v.il>",
  "@v.il",
  "a@b.c@v.il",
  "@a,@b:c@v.il",
  ",e@v.il",
  ";e@v.il",
  ":e@v.il;",
  "g: e@v.il;",
  '"',
  '""',
  '"a@b.c x"',
  '\\"',
  "\\",
  "'",
  "(",
  ")",
  "(e@v.il)",
  "(a(b)c",
  "[",
  "]",
  "[127.0.0.1]",
  ";",
  "; x=1",
  "; boundary=evil",
  '"; filename="evil.exe',
  "*=utf-8''%0D%0AX",
  "=",
  "=x",
  "--",
  "--=_",
  "--\r\n",
  ".",
  "..",
  " ",
  "  ",
  "\t",
  " a",
  "a ",
  "a  b",
  "%",
  "%00",
  `${"$"}{x}`,
  "$&",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "*",
  "-x",
  "../../etc/passwd",
  "C:\\x",
  "/etc/passwd",
  "file:///etc/passwd",
  "http://127.0.0.1:1/",
  "xn--",
  "xn--a",
  "é",
  "ñ́",
  "日本",
];

const INJECTED: readonly Trick[] = INJECTIONS.map((text) => ({ name: JSON.stringify(text), text }));

const MEGABYTE = 1 << 20;

const long = (unit: string, length = MEGABYTE): Trick => ({
  name: `${length >> 10} KiB of ${JSON.stringify(unit)}`,
  text: unit.repeat(Math.ceil(length / unit.length)),
});

/** What costs memory or time: each is tried alone. */
export const HUGE: readonly Trick[] = [
  ...["a", "(", "<", "a@b.c,", "a(b)"].map((unit) => long(unit)),
  // PERF: what is encoded grows, and a megabyte of it takes the test longer than all else.
  ...["é", '"', "=?utf-8?q?", "a."].map((unit) => long(unit, MEGABYTE >> 3)),
  { name: "3000 groups in each other", text: `${"g0:".repeat(3000)}a@b.c;` },
  { name: "3000 comments in each other", text: `${"(".repeat(3000)}${")".repeat(3000)}a@b.c` },
];

/** The tricks alone, before, inside and behind what the field usually holds; a control does the same wherever it stands. */
export function thrown(usual: string): readonly Trick[] {
  const middle = usual.length >> 1;
  const inside = (text: string): string => usual.slice(0, middle) + text + usual.slice(middle);
  return [
    ...CONTROLS.map(({ name, text }) => ({ name: `${name} inside`, text: inside(text) })),
    ...[...LOOKALIKES, ...SURROGATES].flatMap(({ name, text }) => [
      { name: `${name} alone`, text },
      { name: `${name} behind`, text: usual + text },
    ]),
    ...INJECTED.flatMap(({ name, text }) => [
      { name: `${name} alone`, text },
      { name: `${name} before`, text: text + usual },
      { name: `${name} inside`, text: inside(text) },
      { name: `${name} behind`, text: usual + text },
    ]),
  ];
}

/** Those that stand for their kind. */
const TELLING = /^U\+(?:0000|0009|000A|000B|000D|001B|007F|0085|009B)$/;

/** The same in short: for a second server, and for a field that is reached by several ways. */
export function thrownAgain(usual: string): readonly Trick[] {
  const middle = usual.length >> 1;
  const inside = (text: string): string => usual.slice(0, middle) + text + usual.slice(middle);
  return [
    ...CONTROLS.filter(({ name }) => TELLING.test(name)).map(({ name, text }) => ({
      name: `${name} inside`,
      text: inside(text),
    })),
    ...[...LOOKALIKES, ...SURROGATES].map(({ name, text }) => ({ name: `${name} behind`, text: usual + text })),
    ...INJECTED.map(({ name, text }, index) =>
      index % 2 === 0 ? { name: `${name} inside`, text: inside(text) } : { name: `${name} behind`, text: usual + text },
    ),
  ];
}
