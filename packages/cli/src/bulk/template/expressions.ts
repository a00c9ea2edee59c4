/**
 * Liquid: `{{ name }}`, `{% if %}` and filters. A variable that is not there is an error, and so is a filter that is unknown; a
 * template opens no file.
 */
import { Liquid, LiquidError, type Template as LiquidTemplate } from "liquidjs";
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import type { Placeholders } from "./placeholders.js";

export type Values = Readonly<Record<string, unknown>>;

/** What becomes of a value that a template puts out. */
export type Escaping = "none" | "html" | Placeholders;

/** SECURITY: data of others must not make a template run, or grow, without end. */
const LIMITS = { renderLimit: 5000, memoryLimit: 50_000_000 };

/** A text with expressions, parsed once and filled for every row. */
export class Expression {
  readonly #engine: Liquid;
  readonly #templates: LiquidTemplate[];
  readonly #where: string;

  /** @param where what it is, for messages: a file, a header. @throws CliError when it does not parse. */
  constructor(text: string, where: string, escaping: Escaping) {
    this.#engine = engineFor(escaping);
    this.#where = where;
    try {
      this.#templates = this.#engine.parse(text);
    } catch (error) {
      throw new CliError(EXIT.data, `${where}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** @throws CliError that names the variable, or what else is wrong. */
  fill(values: Values): string {
    try {
      return String(this.#engine.renderSync(this.#templates, values));
    } catch (error) {
      if (!(error instanceof LiquidError)) throw error;
      throw new CliError(EXIT.data, `${this.#where}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function engineFor(escaping: Escaping): Liquid {
  return new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // In place of the file system: there is nothing to include.
    templates: {},
    ...LIMITS,
    ...(escaping === "none" ? {} : { outputEscape: escaping === "html" ? "escape" : (value) => escaping.put(value) }),
  });
}

/** Liquid's words without its excerpt of the template: `undefined variable: nmae (line 3)`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /, line:(\d+), col:\d+$/.exec(error.message);
  return place === null ? error.message : `${error.message.slice(0, place.index)} (line ${place[1]} of the template)`;
}
