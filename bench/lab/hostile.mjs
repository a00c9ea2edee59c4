// @ts-check
/**
 * Input that makes a careless parser slow: each is made in three sizes, and the time must grow no faster than the size.
 *
 * Layer: bench.
 */

/**
 * @typedef {object} Hostile
 * @property {string} name
 * @property {(length: number) => string} make Text of about this length.
 * @property {(text: string) => unknown} feed May throw: refusing is an answer too.
 */

/** @param {string} text */
const filler = (text) => (/** @type {number} */ length) => text.repeat(Math.ceil(length / text.length));

/** @typedef {import("./modules.mjs").Modules} Modules */

/**
 * @param {Modules} modules
 * @returns {Hostile[]}
 */
export function hostileInputs(modules) {
  return [
    ...addresses(modules),
    ...replies(modules),
    ...headersRead(modules),
    ...headersWritten(modules),
    ...markup(modules),
    ...content(modules),
    ...shortThings(modules),
  ];
}

/**
 * The same parser with each of these texts, repeated.
 * @param {string} what
 * @param {readonly string[]} texts
 * @param {(text: string) => unknown} feed
 * @returns {Hostile[]}
 */
function each(what, texts, feed) {
  return texts.map((text) => ({ name: `${what}: ${readable(text)}`, make: filler(text), feed }));
}

/** @param {string} text */
function readable(text) {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/** @param {Modules} modules */
function addresses({ parseAddressList, formatField }) {
  const texts = [
    "a@b.c,",
    "a(b)",
    "<",
    '"',
    "(",
    "g0:",
    "a.",
    '"a" ',
    "a@[",
    "\\",
    "=?utf-8?q?a?= ",
    "g:;,",
    "a <b@c.d>,",
  ];
  return [
    ...each("address list", texts, parseAddressList),
    ...each("address field", ["a@b.c,", "\u00fc <a@b.c>,", '"a, b" <a@b.c>,'], (text) =>
      formatField("To", text.slice(0, -1), "ascii"),
    ),
  ];
}

/** @param {Modules} modules */
function replies({ ReplyParser }) {
  return each("reply", ["250-x\r\n", "250-AUTH ", "x", "250-", "\r", "2"], (text) => {
    const parser = new ReplyParser();
    parser.push(Buffer.from(text));
    return parser.next();
  });
}

/** @param {Modules} modules */
function headersRead({ parseHeaders, readRawHeader, parseHeaderBlock, decodeEncodedWords, parseContentType }) {
  const lines = ["X: a\r\n b\r\n", "Bcc: a@b.c\r\n", "To: =?utf-8?q?a?= <a@b.c>\r\n", "X:\n", " \r\n", "X"];
  const ended = (/** @type {string} */ text) => Buffer.from(`${text}\r\n\r\n`);
  const words = ["=?utf-8?q?", "=?utf-8?q?a?= ", "=?utf-8?b?YQ==?=", "=?", "?="];
  return [
    ...each("headers", lines, (text) => parseHeaders(ended(text))),
    ...each("header of a raw message", lines, (text) => readRawHeader(ended(text))),
    ...each("header to sign", lines, (text) => parseHeaderBlock(ended(text))),
    ...each("encoded words", words, decodeEncodedWords),
    ...each("content type", [";a=b", ';a="', '\\"', " ", "(", ";"], (text) => parseContentType(`text/plain${text}`)),
  ];
}

/** @param {Modules} modules */
function headersWritten({ formatField }) {
  /** @type {readonly (readonly [name: string, texts: readonly string[]])[]} */
  const fields = [
    ["Subject", ["word ", "w", "\u00fc", "=?", "  ", "\u{1f469}\u200d", "a\u0301", "\t"]],
    ["References", ["<a@b> ", "<", " "]],
    ["Keywords", ["a,", "\u00fc,", '"']],
    ["Content-Disposition", ["a;b=c", ";"]],
    ["List-Unsubscribe", ["<a:b>, ", "("]],
  ];
  return fields.flatMap(([name, texts]) => each(name, texts, (text) => formatField(name, text, "ascii")));
}

/** @param {Modules} modules */
function markup({ htmlAttributes, dataUriAttachment }) {
  const html = ["cid:", "cid:a%", '<img src="cid:a">', "<", "<a ", '<a b="', "<!--", "<script>", "</", "&"];
  return [
    ...each("html", html, (text) => Array.from(htmlAttributes(text)).length),
    ...each("data URI", ["a", "%41", "%", ";a=b", ";base64"], (text) => dataUriAttachment(`data:text/plain,${text}`)),
  ];
}

/** @param {Modules} modules */
function content({ BodyHash, encodeQuotedPrintable, normalizeLineEndings, scanForWire, stuffDots }) {
  const texts = ["\r\n", "\r", "\n", " ", " \r\n", ".\r\n", "\r\n.", "a", "\u00fc"];
  const sha = { update: () => undefined, digest: () => new Uint8Array(32) };
  return [
    ...each("body to sign", texts, (text) => {
      const hash = new BodyHash("relaxed", sha);
      hash.update(Buffer.from(text));
      return hash.digest();
    }),
    ...each("quoted-printable", texts, (text) => encodeQuotedPrintable(Buffer.from(text), "keep")),
    ...each("line ends", texts, (text) => normalizeLineEndings(Buffer.from(text))),
    ...each("dots", texts, (text) => stuffDots(Buffer.from(text))),
    ...each("content", texts, (text) => scanForWire(Buffer.from(text))),
  ];
}

/** What is short when it is honest. @param {Modules} modules */
function shortThings({ domainToAscii, parseBareAddress, checkParameters, ScramExchange }) {
  const environment = {
    hostname: undefined,
    port: undefined,
    randomBytes: () => new Uint8Array(18),
    channelBinding: undefined,
  };
  /** @param {string} text */
  const challenge = (text) =>
    new ScramExchange(
      { hash: "SHA-256", bindsChannel: false },
      { username: "ann", password: "secret" },
      environment,
    ).respond(Buffer.from(text));
  return [
    ...each("domain", ["a.", "a", "xn--", "\u00fc", "\u00fc.", "-"], domainToAscii),
    ...each("envelope address", ["a", "a.", '"', "@", "\\"], (text) => parseBareAddress(`${text}@b.c`, "sender")),
    ...each("parameter", ["A=b", "A", "+", "="], (text) => checkParameters([text], "mailOptions")),
    ...each("SCRAM", ["r=a,", "s=", ",", "a"], challenge),
  ];
}
