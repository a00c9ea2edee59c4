/**
 * Values of options: numbers, times and rates, read strictly.
 */
import { InvalidArgumentError } from "commander";

/** An option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Text with something in it: an empty variable of a shell would be forgotten, or taken for an answer. */
export function someText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/** Seconds on the command line, milliseconds inside. */
export function seconds(text: string): number {
  const value = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value <= 0) throw new InvalidArgumentError("It must be a number of seconds above 0.");
  return Math.round(value * 1000);
}

/** A whole number above 0. */
export function count(text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}

/** A port, 0 for any free one. */
export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > 65_535) throw new InvalidArgumentError("It must be a port from 0 to 65535.");
  return value;
}

/** A day or a moment, as ISO 8601 writes it; without a zone it is UTC. */
export function date(text: string): Date {
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const isLocal = /T(?!.*(?:Z|[+-]\d{2}:\d{2})$)/.test(text);
  const value = new Date(isDate ? `${text}${isLocal ? "Z" : ""}` : Number.NaN);
  // 2026-02-30 is another day to Date.
  if (Number.isNaN(value.getTime()) || !isDayOf(text))
    throw new InvalidArgumentError("It must be a date, such as 2026-01-31 or 2026-01-31T12:00Z.");
  return value;
}

function isDayOf(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `name=value`, one of several. */
export function tag(
  text: string,
  before: readonly (readonly [string, string])[],
): readonly (readonly [name: string, value: string])[] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("It must be a name and a value, such as order=7.");
  return [...before, [text.slice(0, equals), text.slice(equals + 1)]];
}
