/**
 * Where a record of CSV begins and ends: a line end inside quotes is part of it, any other is its end.
 *
 * After a record that is malformed nobody knows where the next one begins. Here it is the next line: a parser that reads on from
 * the stray quote would take rows for text and text for rows.
 */

export interface CsvRecord {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  readonly problem: string | undefined;
}

/** Lines of one record; a quote that is open for longer was not meant to be. */
const MAX_LINES = 1000;

/**
 * Batches in the order of the file; empty lines are left out.
 *
 * @param isRecord whether a text of several lines is one record.
 */
export async function* splitRecords(
  source: AsyncIterable<readonly string[]>,
  isRecord: (text: string) => boolean,
): AsyncGenerator<readonly CsvRecord[], void, undefined> {
  const splitter = new RecordSplitter(isRecord);
  for await (const lines of source) {
    for (const line of lines) splitter.push(line);
    yield splitter.take();
  }
  splitter.end();
  yield splitter.take();
}

class RecordSplitter {
  readonly #isRecord: (text: string) => boolean;
  #records: CsvRecord[] = [];
  /** Lines of the record that is open. */
  #open: string[] = [];
  #isInQuotes = false;
  #line = 1;

  constructor(isRecord: (text: string) => boolean) {
    this.#isRecord = isRecord;
  }

  push(line: string): void {
    this.#open.push(line);
    if (hasOddQuotes(line)) this.#isInQuotes = !this.#isInQuotes;
    if (!this.#isInQuotes) this.#close();
    else if (this.#open.length >= MAX_LINES) this.#giveUp();
  }

  take(): readonly CsvRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  end(): void {
    while (this.#open.length > 0) this.#giveUp();
  }

  #close(): void {
    const lines = this.#open;
    const text = lines.join("");
    if (lines.length > 1 && !this.#isRecord(text)) return this.#giveUp("has a misplaced quote");
    if (!/^[\r\n]*$/.test(text)) this.#records.push({ line: this.#line, text: withEnd(text), problem: undefined });
    this.#reset(lines.length);
  }

  /** The first line is bad; those after it are looked at anew. */
  #giveUp(problem = "has an unclosed quote"): void {
    const [, ...others] = this.#open;
    this.#records.push({ line: this.#line, text: "", problem });
    this.#reset(1);
    for (const line of others) this.push(line);
  }

  #reset(lines: number): void {
    this.#open = [];
    this.#isInQuotes = false;
    this.#line += lines;
  }
}

function hasOddQuotes(line: string): boolean {
  let odd = false;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

function withEnd(text: string): string {
  return /[\r\n]$/.test(text) ? text : `${text}\n`;
}
