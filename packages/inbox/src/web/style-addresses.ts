/**
 * What a style sheet refers to: every url(), and every string, which is what @import and image-set() may have instead.
 *
 * CSS Syntax Level 3 §4.3 (strings, escapes, url tokens).
 */

/** One pass over the text: comments, strings, unquoted url(), escapes. Names of functions may be escaped as well. */
export function* styleAddresses(css: string): Generator<string> {
  let index = 0;
  // The end of the name in front of a parenthesis, escapes resolved.
  let name = "";
  while (index < css.length) {
    const char = css.charAt(index);
    if (char === "/" && css.charAt(index + 1) === "*") {
      const end = css.indexOf("*/", index + 2);
      index = end === -1 ? css.length : end + 2;
    } else if (char === '"' || char === "'") {
      const [text, end] = readUntil(css, index + 1, char);
      yield text;
      index = end;
    } else if (char === "(" && /url$/i.test(name) && !/^\s{0,99}["']/.test(css.slice(index + 1, index + 102))) {
      const [text, end] = readUntil(css, index + 1, ")");
      yield text.trim();
      index = end;
    } else if (char === "\\") {
      const [resolved, end] = readEscape(css, index);
      name = (name + resolved).slice(-3);
      index = end;
      continue;
    } else {
      name = (name + char).slice(-3);
      index += 1;
      continue;
    }
    name = "";
  }
}

/** The text up to a delimiter, escapes resolved, and the index behind the delimiter. */
function readUntil(css: string, start: number, delimiter: string): readonly [text: string, end: number] {
  const pieces: string[] = [];
  let index = start;
  let from = start;
  while (index < css.length && css.charAt(index) !== delimiter) {
    if (css.charAt(index) !== "\\") {
      index += 1;
      continue;
    }
    pieces.push(css.slice(from, index));
    const [resolved, end] = readEscape(css, index);
    pieces.push(resolved);
    index = end;
    from = end;
  }
  pieces.push(css.slice(from, index));
  return [pieces.join(""), index + 1];
}

function readEscape(css: string, backslash: number): readonly [character: string, end: number] {
  const [all, digits] = /^([0-9a-f]{1,6})(?:\r\n|\s)?/i.exec(css.slice(backslash + 1, backslash + 9)) ?? [];
  if (all === undefined || digits === undefined) {
    const next = css.charAt(backslash + 1);
    // A backslash before a line end joins the lines of a string.
    return [next === "\n" || next === "\r" ? "" : next, backslash + 2];
  }
  const code = Number.parseInt(digits, 16);
  return [code > 0x10ffff || code === 0 ? "\ufffd" : String.fromCodePoint(code), backslash + 1 + all.length];
}
