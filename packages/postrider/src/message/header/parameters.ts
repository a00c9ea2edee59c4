export interface ContentType {
  /** In lower case. */
  readonly type: string;
  /** In lower case. */
  readonly subtype: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

export function parseContentType(text: string, _field = "contentType"): ContentType {
  const [type = "", subtype = ""] = (text.split(";")[0] ?? "").trim().toLowerCase().split("/");
  return { type, subtype, parameters: new Map() };
}

export function formatParameters(params: Iterable<readonly [string, string]>): string {
  let text = "";
  for (const [name, value] of params) text += `; ${name}=${JSON.stringify(value)}`;
  return text;
}
