/**
 * Where text goes: data to stdout, everything that is said about it to stderr.
 *
 * SECURITY: what is written here is printable, whoever made it: names, replies and traces of errors may hold what a terminal obeys.
 * Colour is the one thing a terminal is told, and it is no text: `paint` gives an object.
 */
import { styleText } from "node:util";
import { printable, printableJson } from "./printable.js";

export type Colour = "red" | "green" | "yellow" | "bold" | "dim" | "cyan";

/** A piece of a line with a colour, where there are colours. */
export interface Painted {
  readonly colour: Colour;
  readonly text: string;
}

/** One line in pieces. */
export type Line = string | readonly (string | Painted)[];

export function paint(colour: Colour, text: string): Painted {
  return { colour, text };
}

/** `1 row`, `2 rows`. */
export function many(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A line of data. */
export function print(line: Line): void {
  process.stdout.write(`${render(line, process.stdout)}\n`);
}

/** Several lines of data. */
export function printText(text: string): void {
  for (const line of text.split("\n")) print(line);
}

/** A value as JSON, on lines of its own. */
export function printJson(value: unknown): void {
  printText(printableJson(value, 2));
}

/** A message about what happens. */
export function note(line: Line): void {
  process.stderr.write(`${render(line, process.stderr)}\n`);
}

/** A message about what should not be so, though the command goes on. */
export function warn(line: string): void {
  note([paint("yellow", "warning:"), ` ${line}`]);
}

/** The line as the stream takes it: coloured on a terminal, unless NO_COLOR asks for none (https://no-color.org). */
export function render(line: Line, stream: NodeJS.WriteStream): string {
  const pieces = typeof line === "string" ? [line] : line;
  return pieces.map((piece) => renderPiece(piece, stream)).join("");
}

function renderPiece(piece: string | Painted, stream: NodeJS.WriteStream): string {
  if (typeof piece === "string") return printable(piece);
  const text = printable(piece.text);
  return hasColour(stream) ? styleText(piece.colour, text, { validateStream: false }) : text;
}

function hasColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}
