/**
 * Values of options: numbers, times and rates, read strictly.
 */
import { InvalidArgumentError } from "commander";

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
