/**
 * The two dialects of SQL. Every statement is written once, with `?` for values; what differs is here.
 */

export type DialectName = "postgres" | "sqlite";

/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement: `$1`, `$2` ... stand for the values in PostgreSQL, `?` in SQLite. */
export type Execute = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

export interface Dialect {
  readonly name: DialectName;
  readonly schema: string;
  /** Statements by pg are prepared by name. */
  readonly prepares: boolean;
  /** Milliseconds since 1970 by the database's clock. */
  readonly now: string;
  /** The name of a table. */
  table(name: string): string;
  /** A subquery of one column `value`, from one value: a JSON array of strings. */
  readonly list: string;
  /** A table expression, from one value: a JSON array of objects with these columns. */
  records(columns: Readonly<Record<string, "text" | "bigint">>): string;
  /** The lesser of two expressions. */
  least(a: string, b: string): string;
  greatest(a: string, b: string): string;
  /** The end of a subquery that claims rows. */
  readonly skipLocked: string;
  /** An aggregate: all rows as the text of one JSON array, each row an array of these expressions. */
  rows(...expressions: readonly string[]): string;
  /** The text of a member of a JSON object; the value is the name. */
  member(column: string): string;
  /** With `$1`, `$2` ... where PostgreSQL wants them. */
  placeholders(text: string): string;
}

export function createDialect(name: DialectName, schema: string, prepares = false): Dialect {
  return name === "postgres" ? postgres(schema, prepares) : sqlite(schema);
}

function postgres(schema: string, prepares: boolean): Dialect {
  const known = new Map<string, string>();
  return {
    name: "postgres",
    schema,
    prepares,
    // PERF: the statement's time is stable, so that an index can be used; clock_timestamp() is not.
    now: "(extract(epoch FROM statement_timestamp()) * 1000)::bigint",
    table: (table) => `"${schema}".${table}`,
    // QUIRK: postgres.js encodes a parameter of type json itself, so it gets text.
    list: "SELECT json_array_elements_text(?::text::json) AS value",
    records: (columns) =>
      `json_to_recordset(?::text::json) AS x(${Object.entries(columns)
        .map(([column, type]) => `${column} ${type}`)
        .join(", ")})`,
    least: (a, b) => `least(${a}, ${b})`,
    greatest: (a, b) => `greatest(${a}, ${b})`,
    skipLocked: "FOR UPDATE OF m SKIP LOCKED",
    rows: (...expressions) => `json_agg(json_build_array(${expressions.join(", ")}))::text`,
    member: (column) => `(${column}::json ->> ?::text)`,
    placeholders: (text) => {
      let numbered = known.get(text);
      if (numbered === undefined) {
        let count = 0;
        numbered = text.replaceAll("?", () => `$${++count}`);
        known.set(text, numbered);
      }
      return numbered;
    },
  };
}

function sqlite(prefix: string): Dialect {
  return {
    name: "sqlite",
    schema: prefix,
    prepares: false,
    now: "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
    table: (table) => `"${prefix}_${table}"`,
    list: "SELECT value FROM json_each(?)",
    records: (columns) =>
      `(SELECT ${Object.keys(columns)
        .map((column) => `json_extract(value, '$.${column}') AS ${column}`)
        .join(", ")} FROM json_each(?)) AS x`,
    least: (a, b) => `min(${a}, ${b})`,
    greatest: (a, b) => `max(${a}, ${b})`,
    skipLocked: "",
    rows: (...expressions) => `json_group_array(json_array(${expressions.join(", ")}))`,
    member: (column) => `(SELECT value FROM json_each(${column}) WHERE key = ?)`,
    placeholders: (text) => text,
  };
}
