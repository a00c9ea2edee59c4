/**
 * Stand-ins for the values of a row, while the text around them is read: as Markdown, or as a list of addresses. Whatever a value
 * holds, it cannot become markup or a further address.
 */
import { randomBytes } from "node:crypto";

export class Placeholders {
  /** Letters and digits only, which no syntax takes for a sign; random, so that no value can hold one. */
  readonly #mark = `x${randomBytes(8).toString("hex")}x`;
  readonly #pattern = new RegExp(`${this.#mark}(\\d+)x`, "g");
  /** A stand-in that is alone between commas, or between angle brackets: the sign before it, and itself. */
  readonly alone = new RegExp(`(^|[<,])(\\s*${this.#mark}\\d+x\\s*)(?=$|[>,])`, "g");
  #values: string[] = [];

  /** Takes a value, gives its stand-in. */
  put(value: unknown): string {
    // What was captured before holds stand-ins of its own.
    const text = this.restore(textOf(value));
    return `${this.#mark}${this.#values.push(text) - 1}x`;
  }

  /** The text with the values in place; `quote` is applied to each of them. */
  restore(text: string, quote: (value: string) => string = (value) => value): string {
    if (!text.includes(this.#mark)) return text;
    return text.replace(this.#pattern, (_match, index: string) => quote(this.#values[Number(index)] ?? ""));
  }

  /** Forgets the values: before each row. */
  clear(): void {
    this.#values = [];
  }
}

/** As Liquid prints values: nothing for what is absent. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
