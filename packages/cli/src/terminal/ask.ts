/**
 * Questions to the person at the terminal, on stderr, so that stdout stays free for data.
 */
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { CliError } from "../cli-error.js";
import { wordsOf } from "../error-words.js";
import { EXIT } from "../exit-code.js";
import { note } from "./output.js";
import { printable } from "./printable.js";

/** Whether somebody is there to answer: not in a pipe, not in a cron job. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * One line; asked again while it is empty, or `check` throws: what is wrong with it is said at once, and not after the last question.
 *
 * @throws CliError when the person gives up (Ctrl-C, Ctrl-D).
 */
export async function ask(question: string, check: (answer: string) => unknown = () => undefined): Promise<string> {
  for (;;) {
    const answer = await askOnce(question, check);
    if (answer !== undefined && answer !== "") return answer;
  }
}

/** The same, but an empty line is an answer: `""`. @throws CliError when the person gives up. */
export async function askOptional(question: string, check: (answer: string) => unknown): Promise<string> {
  for (;;) {
    const answer = await askOnce(question, check);
    if (answer !== undefined) return answer;
  }
}

/** Undefined when the answer will not do, which is then said. */
async function askOnce(question: string, check: (answer: string) => unknown): Promise<string | undefined> {
  const answer = (await readLine(question, process.stderr)).trim();
  if (answer === "") return answer;
  try {
    check(answer);
    return answer;
  } catch (error) {
    note(wordsOf(error));
    return undefined;
  }
}

/** One line that is not shown while it is typed. @throws CliError when the person gives up. */
export async function askSecret(question: string): Promise<string> {
  try {
    return await readLine("", new Writable({ write: (_chunk, _encoding, done) => done() }), () => {
      process.stderr.write(printable(question));
    });
  } finally {
    process.stderr.write("\n");
  }
}

/** Lines until one that is a single dot, or Ctrl-D. */
export async function askText(question: string): Promise<string> {
  const lines: string[] = [];
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  process.stderr.write(`${printable(question)} (end with a line that is a single dot)\n`);
  return new Promise((resolve, reject) => {
    reader.on("line", (line) => (line === "." ? reader.close() : lines.push(line)));
    reader.once("close", () => resolve(lines.map((line) => `${line}\n`).join("")));
    onInterrupt(reader, reject);
  });
}

function readLine(question: string, output: NodeJS.WritableStream, isReady = (): void => undefined): Promise<string> {
  // "terminal" puts the terminal in raw mode: it is readline that echoes, onto what it is given, or nothing does.
  const reader = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  // SECURITY: nobody is asked for a secret before the terminal has stopped to show what is typed.
  isReady();
  return new Promise((resolve, reject) => {
    reader.once("close", () => reject(new CliError(EXIT.usage, "no answer")));
    onInterrupt(reader, reject);
    reader.question(printable(question), (answer) => {
      resolve(answer);
      reader.close();
    });
  });
}

function onInterrupt(reader: Interface, reject: (reason: CliError) => void): void {
  reader.once("SIGINT", () => {
    reject(new CliError(EXIT.interrupted, "interrupted"));
    reader.close();
  });
}
