// @ts-check
/**
 * Makes a source map small: it keeps what a stack trace needs (the file and the line of each place) and leaves the rest out.
 *
 * PERF: gzipped, the maps of the library take 84 kB as the bundler writes them and 270 kB more with the sources; so they take 19 kB.
 *
 * - One segment for each line of code, and one more where it goes on with a line that makes an error, or with lines further than two away:
 *   not one for each token. Columns are not kept: every one is the first.
 * - Of the sources only the lines that make an error, the beginning of each at its place: Node prints such a line above an uncaught error.
 * - No names: the code has those of the sources, but for a number where several files have the same.
 *
 * Layer: scripts. Needs @jridgewell/sourcemap-codec installed.
 */

import { decode, encode } from "@jridgewell/sourcemap-codec";

/** The first line of what stands for a source, for a debugger's reader; the head comment of the file stands there otherwise. */
export const NOTICE = "// Only the lines that make errors, at their places. The whole file is in the repository.";

/** Not the lines of comments. */
const MAKES_ERROR = /^(?!\s*[/*]).*\bnew \w*Error\(/;

/** @typedef {import("@jridgewell/sourcemap-codec").SourceMapSegment} Segment */

/**
 * @typedef {object} SourceMap
 * @property {readonly string[]} sources
 * @property {readonly string[]} sourcesContent
 * @property {string} mappings
 */

/**
 * @template {SourceMap} Map
 * @param {Map} map As the bundler wrote it, with the sources in it.
 * @returns {Map}
 */
export function smallSourceMap(map) {
  const errors = map.sourcesContent.map(errorLines);
  const small = decode(map.mappings).map((segments) => placesOnly(segments, errors));
  return {
    ...map,
    names: [],
    sourcesContent: errors.map((lines) => lines.join("\n").trimEnd()),
    mappings: encode(small),
  };
}

/** Characters of such a line: the text of the error, with which it ends, is printed below it in full. */
const WIDTH = 80;

/** Lines of a source on the same line of code that are no further apart share a segment. */
const NEAR = 2;

/**
 * The segments of one line of code with which another place in the sources begins, or a line that makes an error.
 * @param {readonly Segment[]} segments
 * @param {readonly (readonly string[])[]} errors Of each source.
 */
function placesOnly(segments, errors) {
  /** @type {[number, number, number, number][]} */
  const kept = [];
  for (const [column, source, line] of segments) {
    if (source === undefined || line === undefined) continue;
    const last = kept.at(-1);
    if (last === undefined) kept.push([0, source, line, 0]);
    else if (
      source !== last[1] ||
      Math.abs(line - last[2]) > NEAR ||
      (line !== last[2] && errors[source]?.[line] !== "")
    )
      kept.push([column, source, line, 0]);
  }
  return kept;
}

/** @param {string} source */
function errorLines(source) {
  const lines = source.split("\n").map((line) => (MAKES_ERROR.test(line) ? line.trimStart().slice(0, WIDTH) : ""));
  return [NOTICE, ...lines.slice(1)];
}
