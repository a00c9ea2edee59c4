import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readLines } from "../../../src/bulk/data/lines.js";
import { Rows, type RowsOptions } from "../../../src/bulk/data/rows.js";
import { CliError } from "../../../src/cli-error.js";
import { folder } from "../../support/command.js";

/** Each row as `line: values` or `line! problem`. */
async function read(t: TestContext, content: string | Uint8Array, options?: RowsOptions): Promise<string[]> {
  const file = join(folder(t), "data.csv");
  writeFileSync(file, content);
  const found: string[] = [];
  for await (const row of new Rows(file, options)) {
    found.push(
      "problem" in row ? `${row.line}! ${row.problem}` : `${row.line}: ${JSON.stringify(Object.values(row.values))}`,
    );
  }
  return found;
}

test("rows have the line on which they begin; quotes hold commas, quotes and line ends; empty lines do not count", async (t) => {
  const text = 'email,name\r\na@b.c,Ann\r\n\r\nb@b.c,"B, ""x""\r\nline"\r\nc@b.c,C';
  assert.deepEqual(await read(t, text), [
    '2: ["a@b.c","Ann"]',
    '4: ["b@b.c","B, \\"x\\"\\r\\nline"]',
    '6: ["c@b.c","C"]',
  ]);
});

test("a bad row costs nothing but itself, whatever its quotes look like", async (t) => {
  const text = 'email,name\n"x"y,bad\nb@b.c,"two\nlines"\n5" pipe,foo\nc@b.c,C\nd@b.c\ne@b.c,E,e\nf@b.c,F\n';
  assert.deepEqual(await read(t, text), [
    "2! has text after the closing quote of a field",
    '3: ["b@b.c","two\\nlines"]',
    "5! has an unclosed quote",
    '6: ["c@b.c","C"]',
    "7! has 1 fields; the header has 2",
    "8! has 3 fields; the header has 2",
    '9: ["f@b.c","F"]',
  ]);
});

test("a quote that is never closed does not swallow the rows after it", async (t) => {
  const rows = Array.from({ length: 3000 }, (_, index) => `u${index}@b.c,U`);
  rows[5] = 'x@b.c,"open';
  rows[7] = 'y@b.c,"also" open"';
  const found = await read(t, `email,name\n${rows.join("\n")}\n`);
  assert.equal(found.length, 3000);
  assert.deepEqual(
    found.filter((row) => row.includes("!")).map((row) => row.split("!")[0]),
    ["7", "9"],
  );
});

test("a byte order mark is no part of the first name; another delimiter is taken, or asked after", async (t) => {
  assert.deepEqual(await read(t, "\ufeffemail;name\na@b.c;Ann\n", { delimiter: ";" }), ['2: ["a@b.c","Ann"]']);
  await assert.rejects(read(t, "email;name\na@b.c;Ann\n"), /did you mean --delimiter ";"/);
});

test("line ends may be CRLF, LF or CR, also mixed, and wherever the file is read in pieces", async (t) => {
  for (const end of ["\r\n", "\n", "\r"]) {
    const text = ["email,name", "a@b.c,Ann", "", `b@b.c,"B${end}b"`, "c@b.c,C"].join(end);
    assert.deepEqual(await read(t, text), [
      '2: ["a@b.c","Ann"]',
      `4: ["b@b.c",${JSON.stringify(`B${end}b`)}]`,
      '6: ["c@b.c","C"]',
    ]);
    for (let size = 1; size < 8; size += 1) {
      const lines: string[] = [];
      const pieces = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
      };
      for await (const some of readLines(pieces(), "f")) lines.push(...some);
      assert.equal(lines.length, 6);
      assert.equal(lines.join(""), text);
    }
  }
  assert.deepEqual(await read(t, "email\r\na@b.c\rb@b.c\nc@b.c"), ['2: ["a@b.c"]', '3: ["b@b.c"]', '4: ["c@b.c"]']);
});

test("a first line sep=; says the delimiter, with quotes or without; another one on the command line is an error", async (t) => {
  const rows = 'email;name\r\na@b.c;"A; \r\na"\r\n';
  for (const line of ["sep=;", "SEP=;", '"sep=;"']) {
    for (const options of [{}, { delimiter: ";" }]) {
      assert.deepEqual(await read(t, `\ufeff${line}\r\n${rows}`, options), ['3: ["a@b.c","A; \\r\\na"]']);
    }
    await assert.rejects(
      read(t, `${line}\r\n${rows}`, { delimiter: "," }),
      /first line sets the delimiter ";", but --delimiter is ","/,
    );
  }
  assert.deepEqual(await read(t, "sep=\t\nemail\tname\na@b.c\tA\n"), ['3: ["a@b.c","A"]']);
});

test("commas at the end are no columns, rows of commas are no rows, and a value without column is an error", async (t) => {
  const file = join(folder(t), "d.csv");
  writeFileSync(file, "email,name,,\na@b.c,Ann,,\nb@b.c,B\nc@b.c,C,,x\n,,,\n , ,,\n,\n");
  const rows = new Rows(file);
  const found: unknown[] = [];
  for await (const row of rows) found.push("problem" in row ? row.problem : row.values);
  assert.deepEqual(found, [
    { email: "a@b.c", name: "Ann" },
    { email: "b@b.c", name: "B" },
    "has 4 fields; the header has 2",
  ]);
  assert.equal(rows.empty, 3);
});

test("a file without header, with a name twice or none, or that is no UTF-8, is an error", async (t) => {
  for (const [content, says] of [
    ["", /is empty/],
    [",,\n1,2,3\n", /names no column/],
    ["e\0m\0,x\n", /control character.*is the file UTF-8/],
    ["a,a\n", /names the column a twice/],
    ["a,,b\n", /column without name \(the 2\. of 3\)/],
    ['"a"b,c\nx,y\n', /line 1: the header is not valid CSV/],
    [Buffer.from("email,name\na@b.c,B\xe4r\n", "latin1"), /is not UTF-8/],
  ] as const) {
    await assert.rejects(read(t, content), (error) => error instanceof CliError && says.test(error.message));
  }
});

test("the digest is that of the bytes, and comes with the end", async (t) => {
  const file = join(folder(t), "data.csv");
  writeFileSync(file, "a\n1\n");
  const rows = new Rows(file);
  assert.equal(rows.digest, "");
  for await (const _row of rows);
  assert.match(rows.digest, /^[0-9a-f]{64}$/);
});
