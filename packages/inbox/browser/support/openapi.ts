/**
 * Holds an answer against an OpenAPI description: the status, the type and the JSON of its body.
 */

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: Schema }>> }>>;
}

/** As far as it is used here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Answered {
  readonly method: string;
  /** The path of the description. */
  readonly place: string;
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  readonly body: string;
}

/** What the description does not say; empty when the answer is one of those that it promises. */
export function faultsOf(described: OpenApi, { method, place, status, type, body }: Answered): readonly string[] {
  const response = described.paths[place]?.[method]?.responses[status];
  if (response === undefined) return [`${status} is not described`];
  const schema = response.content?.["application/json"]?.schema;
  if (schema === undefined) return [];
  if (!type.startsWith("application/json")) return [`${type} is not application/json`];
  return [...faults(JSON.parse(body), schema, { described, at: "" })];
}

interface Where {
  readonly described: OpenApi;
  /** Such as ".messages[0].subject". */
  readonly at: string;
}

function* faults(value: unknown, schema: Schema, { described, at }: Where): Generator<string> {
  if (schema.$ref !== undefined) {
    const found = described.components.schemas[schema.$ref.split("/").at(-1) ?? ""];
    if (found === undefined) yield `${at}: ${schema.$ref} is not there`;
    else yield* faults(value, found, { described, at });
    return;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) yield `${at}: ${String(value)} is none of the enum`;
  if (schema.type !== undefined && kindOf(value) !== schema.type) {
    yield `${at}: ${kindOf(value)} in place of ${schema.type}`;
    return;
  }
  if (schema.format === "date-time" && Number.isNaN(Date.parse(String(value)))) yield `${at}: no time`;
  if (schema.minimum !== undefined && Number(value) < schema.minimum) yield `${at}: ${String(value)} is too small`;
  if (schema.items !== undefined)
    for (const [index, item] of (value as readonly unknown[]).entries())
      yield* faults(item, schema.items, { described, at: `${at}[${index}]` });
  const { properties } = schema;
  if (properties === undefined) return;
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of schema.required ?? []) if (!(name in members)) yield `${at}.${name} is missing`;
  for (const [name, member] of Object.entries(members)) {
    const known = properties[name];
    if (known === undefined) yield `${at}.${name} is not described`;
    else yield* faults(member, known, { described, at: `${at}.${name}` });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
