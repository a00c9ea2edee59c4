// @ts-check
/**
 * The code blocks of a page: every fence that says `ts` is a program that runs. `ts continue` goes on with the block before it.
 * `ts interop` needs a driver that the workspace does not have: `npm run interop` installs it and runs the block. `ts worker` is a worker
 * of Cloudflare's, which is asked for a page. A fence whose first line is a comment with a path, `// app.ts`, is a file of a project,
 * which `npm run recipes` runs with its framework.
 *
 * Layer: scripts.
 */

/**
 * @typedef {object} Fence
 * @property {number} line Line of the page on which the code starts, from 1.
 * @property {string} code
 */

/**
 * @typedef {object} Block
 * @property {string} page Path of the page from the root, with forward slashes.
 * @property {string} heading The heading above it.
 * @property {number} number Among the blocks of its page, from 1.
 * @property {boolean} isInterop Runs in `npm run interop`, and not in `npm test`.
 * @property {boolean} [isWorker]
 * @property {readonly Fence[]} fences What it consists of: the blocks that it continues, and itself.
 */

const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;
const OPENING = /^([ ]*)(`{3,})\s*(\S*)\s*(.*?)\s*$/;

/** `// app.ts`, or `# compose.yaml`. */
const FILE = /^(?:\/\/|#) ([\w./[\]-]+\.(?:tsx?|ya?ml))$/;

/**
 * The files of a project that a page shows.
 * @param {string} markdown
 * @returns {{ path: string, text: string }[]}
 */
export function readFiles(markdown) {
  return [...markdown.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].flatMap(([, text = ""]) => {
    const path = FILE.exec(text.split("\n")[0] ?? "")?.[1];
    return path === undefined ? [] : [{ path, text }];
  });
}

/**
 * @param {string} page
 * @param {string} markdown
 * @returns {Block[]}
 * @throws {Error} naming page and line, when a fence says something that is not known.
 */
export function readBlocks(page, markdown) {
  const lines = markdown.split(/\r?\n/);
  /** @type {Block[]} */
  const blocks = [];
  let heading = "";
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    heading = HEADING.exec(line)?.[1] ?? heading;
    const opening = OPENING.exec(line);
    if (opening === null) continue;
    const [, indent = "", ticks = "", language = "", annotation = ""] = opening;
    const end = closingLine(lines, index, ticks);
    if (end === undefined) throw new Error(`${page}:${index + 1}: this code block has no end`);
    if (language === "ts" && !FILE.test(lines[index + 1] ?? "")) {
      const isInterop = annotation === "interop";
      const previous = isInterop ? [] : continued(blocks.at(-1), annotation, `${page}:${index + 1}`);
      const code = lines.slice(index + 1, end).map((text) => withoutIndent(text, indent.length));
      const fence = { line: index + 2, code: code.join("\n") };
      const kind = annotation === "worker" ? { isWorker: true } : {};
      blocks.push({ page, heading, number: blocks.length + 1, isInterop, fences: [...previous, fence], ...kind });
    } else if (language === "typescript") {
      throw new Error(`${page}:${index + 1}: write \`\`\`ts, so that the block is found and run`);
    }
    index = end;
  }
  return blocks;
}

/**
 * A block as a module in which every line has the number that it has on the page, so that errors point there.
 * @param {Block} block
 */
export function moduleText({ fences }) {
  let text = "";
  let line = 1;
  for (const fence of fences) {
    text += "\n".repeat(Math.max(0, fence.line - line));
    text += `${fence.code}\n`;
    line = Math.max(line, fence.line) + fence.code.split("\n").length;
  }
  return text;
}

/**
 * @param {Block | undefined} previous
 * @param {string} annotation
 * @param {string} at
 */
function continued(previous, annotation, at) {
  if (annotation === "" || annotation === "worker") return [];
  if (annotation !== "continue") {
    throw new Error(
      `${at}: "ts ${annotation}" is not known; every block runs, one that goes on with the block before says "ts continue", and a worker "ts worker"`,
    );
  }
  if (previous === undefined) throw new Error(`${at}: there is no block before this one to continue`);
  return previous.fences;
}

/**
 * @param {readonly string[]} lines
 * @param {number} start
 * @param {string} ticks
 */
function closingLine(lines, start, ticks) {
  for (let index = start + 1; index < lines.length; index += 1) {
    const line = lines[index]?.trim() ?? "";
    if (line.startsWith(ticks) && /^`+$/.test(line)) return index;
  }
  return undefined;
}

/**
 * @param {string} text
 * @param {number} width
 */
function withoutIndent(text, width) {
  return text.slice(0, width).trim() === "" ? text.slice(width) : text;
}
