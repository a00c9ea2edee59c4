/**
 * Where text goes: data to stdout, everything that is said about it to stderr.
 */
import { styleText } from "node:util";
import { printableJson } from "./printable.js";

/** A line of data. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A value as JSON, on lines of its own. */
export function printJson(value: unknown): void {
  print(printableJson(value, 2));
}

/** A message about what happens. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A message about what should not be so, though the command goes on. */
export function warn(line: string): void {
  note(`${paint("yellow", "warning:", process.stderr)} ${line}`);
}

export type Colour = "red" | "green" | "yellow" | "bold" | "dim" | "cyan";

/** Coloured on a terminal, unless NO_COLOR asks for none (https://no-color.org). */
export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return hasColour(stream) ? styleText(colour, text) : text;
}

function hasColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}
