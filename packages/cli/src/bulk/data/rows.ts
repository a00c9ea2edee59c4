/**
 * The rows of a CSV file, one by one, each with the line on which it begins. A row that is malformed is told as such, and costs
 * nothing but itself: the next line is a new row.
 *
 * RFC 4180.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import { CliError, cannotRead } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { readLines } from "./lines.js";
import { type CsvRecord, splitRecords } from "./records.js";

export interface Row {
  /** From 1, the header's being the first. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

export interface BadRow {
  readonly line: number;
  readonly problem: string;
}

export interface RowsOptions {
  /** Default: a comma. */
  readonly delimiter?: string | undefined;
}

/** One pass over the file. */
export class Rows implements AsyncIterable<Row | BadRow> {
  readonly #file: string;
  readonly #given: string | undefined;
  #delimiter: string;
  #columns: readonly string[] = [];
  #empty = 0;
  #digest = "";

  constructor(file: string, { delimiter }: RowsOptions = {}) {
    this.#file = file;
    this.#given = delimiter;
    this.#delimiter = delimiter ?? ",";
  }

  /** SHA-256 of the file's bytes, in hex; empty before the pass is over. */
  get digest(): string {
    return this.#digest;
  }

  /** Rows so far that have nothing in any column, as spreadsheets write them at the end; they are no rows. */
  get empty(): number {
    return this.#empty;
  }

  /** Names of the columns; empty before the first row. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row | BadRow, void, undefined> {
    const hash = createHash("sha256");
    const lines = this.#withoutSep(readLines(this.#bytes(hash), this.#file));
    for await (const batch of splitRecords(lines, (text) => this.#isRecord(text))) {
      for (const one of this.#parseBatch(batch)) yield one;
    }
    if (this.#columns.length === 0)
      throw new CliError(EXIT.data, `${this.#file} is empty: its first line must name the columns`);
    this.#digest = hash.digest("hex");
  }

  /** Excel's first line `sep=;` says what stands between fields, and is no row. @throws CliError when the command line says otherwise */
  async *#withoutSep(batches: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
    let isFirst = true;
    for await (const lines of batches) {
      const [line = "", ...others] = isFirst ? lines : [];
      const [, sign] = /^"?sep=([^\r\n])"?[\r\n]*$/i.exec(line) ?? [];
      if (sign !== undefined) {
        if (this.#given !== undefined && this.#given !== sign) {
          const [here, there] = [sign, this.#given].map((one) => JSON.stringify(one));
          throw new CliError(
            EXIT.data,
            `${this.#file}: its first line sets the delimiter ${here}, but --delimiter is ${there}`,
          );
        }
        this.#delimiter = sign;
      }
      yield sign === undefined ? lines : ["\n", ...others];
      isFirst = false;
    }
  }

  async *#bytes(hash: { update(bytes: Uint8Array): unknown }): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of createReadStream(this.#file)) {
        hash.update(piece);
        yield piece;
      }
    } catch (error) {
      throw cannotRead("the data", this.#file, error);
    }
  }

  /** PERF: one call of the parser for many rows; one for each only when there is a bad one among them. */
  *#parseBatch(batch: readonly CsvRecord[]): Generator<Row | BadRow> {
    const good = batch.filter((one) => one.problem === undefined);
    let parsed: (readonly string[])[] | undefined;
    try {
      parsed = this.#parse(good.map(({ text }) => text).join(""));
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
    let next = 0;
    for (const record of batch) {
      if (record.problem !== undefined) yield { line: record.line, problem: record.problem };
      else yield* this.#row(record, parsed?.length === good.length ? parsed[next++] : this.#parseOne(record));
    }
  }

  #parse(text: string): (readonly string[])[] {
    return parse(text, {
      delimiter: this.#delimiter,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
    });
  }

  #isRecord(text: string): boolean {
    try {
      return this.#parse(text).length === 1;
    } catch {
      return false;
    }
  }

  #parseOne(record: CsvRecord): readonly string[] | BadRow {
    try {
      const [fields, ...others] = this.#parse(record.text);
      if (fields !== undefined && others.length === 0) return fields;
      return { line: record.line, problem: "is not valid CSV" };
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return { line: record.line, problem: PROBLEMS[error.code] ?? `is not valid CSV (${error.code})` };
    }
  }

  *#row({ line }: CsvRecord, fields: readonly string[] | BadRow | undefined): Generator<Row | BadRow> {
    if (fields === undefined || "problem" in fields) {
      if (this.#columns.length === 0)
        throw new CliError(EXIT.data, `${this.#file}, line ${line}: the header is not valid CSV`);
      if (fields !== undefined) yield fields;
      return;
    }
    if (this.#columns.length === 0) {
      this.#columns = this.#checkHeader(fields);
    } else if (fields.every((field) => field.trim() === "")) {
      this.#empty += 1;
    } else if (
      fields.length < this.#columns.length ||
      fields.slice(this.#columns.length).some((field) => field !== "")
    ) {
      // Commas at the end of a row that has all its fields hold nothing.
      yield { line, problem: `has ${fields.length} fields; the header has ${this.#columns.length}` };
    } else {
      yield { line, values: Object.fromEntries(this.#columns.map((name, index) => [name, fields[index] ?? ""])) };
    }
  }

  #checkHeader(fields: readonly string[]): readonly string[] {
    const fault = (rule: string): CliError => new CliError(EXIT.data, `${this.#file}: the header ${rule}`);
    // Spreadsheets write commas for columns at the end that are empty.
    const names = fields.slice(0, fields.findLastIndex((field) => field.trim() !== "") + 1);
    if (names.length === 0) throw fault("names no column");
    for (const [index, name] of names.entries()) {
      if (/[\x00-\x1f\x7f]/.test(name)) throw fault(`has a control character in a name; is the file UTF-8?`);
      if (name === "") throw fault(`has a column without name (the ${index + 1}. of ${names.length})`);
      if (names.indexOf(name) !== index) throw fault(`names the column ${name} twice`);
    }
    const [only = ""] = names;
    const other = [";", "\t", "|"].find((sign) => names.length === 1 && only.includes(sign));
    if (other !== undefined) throw fault(`has one column; did you mean --delimiter ${JSON.stringify(other)}?`);
    return names;
  }
}

/** In words, for the faults that a row can have. */
const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: "has text after the closing quote of a field",
  INVALID_OPENING_QUOTE: "has a quote inside an unquoted field",
  CSV_QUOTE_NOT_CLOSED: "has an unclosed quote",
};
