/**
 * Liquid: `{{ name }}`, `{% if %}` and filters. A variable that is not there is an error, and so is a filter that is unknown; a
 * template opens no file.
 */
import { Liquid, LiquidError, type Template as LiquidTemplate } from "liquidjs";
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { type Place, say } from "./place.js";
import type { Placeholders } from "./placeholders.js";

export type Values = Readonly<Record<string, unknown>>;

/** What becomes of a value that a template puts out. */
export type Escaping = "none" | "html" | Placeholders;

export interface ExpressionOptions {
  readonly escaping: Escaping;
  /** Called when it puts out a value that is empty. */
  readonly onBlank?: (() => void) | undefined;
}

/** A name that a template reads from the row. */
export interface Use {
  readonly name: string;
  /** The place and its line, in words. */
  readonly where: string;
  /** Whether it is several words, of which Liquid reads each as a name. */
  readonly isPhrase: boolean;
}

/** SECURITY: data of others must not make a template run, or grow, without end. */
const LIMITS = { renderLimit: 5000, memoryLimit: 50_000_000 };

/** A text with expressions, parsed once and filled for every row. */
export class Expression {
  readonly #engine: Liquid;
  readonly #templates: LiquidTemplate[];
  readonly #place: Place;
  readonly #text: string;

  /** @throws CliError when it does not parse. */
  constructor(text: string, place: Place, options: ExpressionOptions) {
    this.#engine = engineFor(options);
    this.#place = place;
    this.#text = text;
    try {
      this.#templates = this.#engine.parse(text);
    } catch (error) {
      throw faultAt(place, error);
    }
    const comma = this.#strayComma();
    if (comma !== undefined)
      throw new CliError(EXIT.data, `${say(place, comma)}: a comma inside {{ }}; write each value in its own {{ }}`);
  }

  /** @throws CliError that names the variable, or what else is wrong. */
  fill(values: Values): string {
    try {
      return String(this.#engine.renderSync(this.#templates, values));
    } catch (error) {
      if (!(error instanceof LiquidError)) throw error;
      throw faultAt(this.#place, error);
    }
  }

  /** The names that it reads from the row, in the order of the text; "First Name" is told as one. */
  get uses(): readonly Use[] {
    const { globals, variables } = this.#engine.analyzeSync(this.#templates, { partials: false });
    const all = placesOf(variables);
    const known = new Set(Object.keys(globals));
    const uses: Use[] = [];
    for (let index = 0; index < all.length; index += 1) {
      const first = all[index];
      if (first === undefined) continue;
      let { name } = first;
      // QUIRK: of several words Liquid takes the last, and says nothing.
      for (let next = all[index + 1]; next !== undefined && this.#isNext(first, name, next); next = all[index + 1]) {
        name = `${name} ${next.name}`;
        index += 1;
      }
      const isPhrase = name !== first.name;
      if (isPhrase || known.has(name)) uses.push({ name, isPhrase, where: say(this.#place, first.row, first.name) });
    }
    return uses;
  }

  /** Whether a name stands behind another with nothing but blanks between. */
  #isNext(first: Found, name: string, next: Found): boolean {
    if (first.row !== next.row) return false;
    const line = this.#text.split("\n")[first.row - 1] ?? "";
    const from = line.slice(first.column - 1, next.column - 1);
    return /\s$/.test(from) && from.trimEnd().replace(/\s+/g, " ") === name;
  }

  /** QUIRK: what stands behind a comma Liquid leaves out, and says nothing. @returns the row */
  #strayComma(): number | undefined {
    const found = placesOf(this.#engine.analyzeSync(this.#templates, { partials: false }).variables);
    const lines = this.#text.split("\n");
    return found.find(({ row, column }) => {
      const line = lines[row - 1] ?? "";
      return /\{\{-?\s*$/.test(line.slice(0, column - 1)) && /^[^\s"'|},:()[\]]+\s*,/.test(line.slice(column - 1));
    })?.row;
  }
}

interface Found {
  readonly name: string;
  readonly row: number;
  readonly column: number;
}

type Variables = ReturnType<Liquid["analyzeSync"]>["variables"];

/** In the order of the text. */
function placesOf(variables: Variables): readonly Found[] {
  return Object.entries(variables)
    .flatMap(([name, uses]) => uses.map(({ location: { row, col } }) => ({ name, row, column: col })))
    .toSorted((a, b) => a.row - b.row || a.column - b.column);
}

function engineFor({ escaping, onBlank }: ExpressionOptions): Liquid {
  const engine: Liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // In place of the file system: there is nothing to include.
    templates: {},
    ...LIMITS,
    outputEscape(this: unknown, value: unknown) {
      if (value === undefined || value === null || String(value).trim() === "") onBlank?.();
      if (escaping === "none") return value;
      if (escaping !== "html") return escaping.put(value);
      // Liquid's own, which counts against its limits by way of "this".
      return (engine.filters["escape"] as (this: unknown, value: unknown) => unknown).call(this, value);
    },
  } as ConstructorParameters<typeof Liquid>[0]);
  return engine;
}

/** Liquid's words without its excerpt of the template: `hello.md, line 3: undefined variable: nmae`. */
function faultAt(place: Place, error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error);
  const found = /, line:(\d+), col:\d+$/.exec(message);
  const token: unknown = isLiquidFault(error) ? error.token.getText() : undefined;
  const where =
    found === null ? place.name : say(place, Number(found[1]), typeof token === "string" ? token : undefined);
  const reason = found === null ? message : message.slice(0, found.index);
  return new CliError(EXIT.data, `${where}: ${reason}`, { cause: error });
}

function isLiquidFault(error: unknown): error is { readonly token: { getText(): unknown } } {
  const { token } = (error ?? {}) as { readonly token?: { readonly getText?: unknown } };
  return typeof token?.getText === "function";
}
