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

/**
 * @param {import("./modules.mjs").Modules} modules
 * @returns {Hostile[]}
 */
export function hostileInputs({
  parseAddressList,
  parseHeaders,
  ReplyParser,
  formatField,
  parseContentType,
  decodeEncodedWords,
}) {
  const addresses = ["a@b.c,", "a(b)", "<", '"', "(", "g0:", "a.", '"a" ', "a@[", "\\"].map((text) => ({
    name: `address list: ${text}`,
    make: filler(text),
    feed: parseAddressList,
  }));
  const replies = ["250-x\r\n", "250-AUTH ", "x"].map((text) => ({
    name: `reply: ${JSON.stringify(text)}`,
    make: filler(text),
    feed: (/** @type {string} */ all) => {
      const parser = new ReplyParser();
      parser.push(Buffer.from(all));
      return parser.next();
    },
  }));
  return [
    ...addresses,
    ...replies,
    { name: "headers: folded", make: filler("X: a\r\n b\r\n"), feed: (text) => parseHeaders(Buffer.from(text)) },
    { name: "headers: one line", make: filler("X"), feed: (text) => parseHeaders(Buffer.from(`${text}: a\r\n`)) },
    { name: "header: words", make: filler("word "), feed: (text) => formatField("Subject", text, "ascii") },
    { name: "header: one word", make: filler("w"), feed: (text) => formatField("Subject", text, "ascii") },
    { name: "header: ü", make: filler("ü"), feed: (text) => formatField("Subject", text, "ascii") },
    { name: "header: =?", make: filler("=?"), feed: (text) => formatField("Subject", text, "ascii") },
    { name: "encoded words: =?", make: filler("=?utf-8?q?"), feed: decodeEncodedWords },
    { name: "content type: ;a=", make: filler(";a=b"), feed: (text) => parseContentType(`text/plain${text}`) },
    { name: 'content type: "', make: filler('\\"'), feed: (text) => parseContentType(`text/plain;a="${text}`) },
  ];
}
