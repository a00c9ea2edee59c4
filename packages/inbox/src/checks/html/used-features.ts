/**
 * What HTML and CSS a message uses, as tokens of the support table, each with how often.
 */
import { Parser } from "htmlparser2";

/** PERF: of longer HTML only the beginning is looked at; Gmail cuts it off long before. */
const MAX_LENGTH = 1_000_000;
const MAX_VALUE = 1000;

/** By token. */
export type UsedFeatures = ReadonlyMap<string, number>;

export function usedFeatures(html: string): UsedFeatures {
  const found = new Map<string, number>();
  const note = (token: string): void => {
    found.set(token, (found.get(token) ?? 0) + 1);
  };
  let sheet: string | undefined;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      note(`e:${name}`);
      if (attributes["type"] !== undefined) note(`e:${name}=${attributes["type"].toLowerCase()}`);
      if (name === "style") sheet = "";
      for (const [attribute, value] of Object.entries(attributes)) {
        note(`a:${attribute}`);
        if (attribute === "style") noteDeclarations(value, note);
      }
      if (name === "img") notePicture(attributes["src"] ?? "", note);
    },
    ontext: (text) => {
      if (sheet !== undefined) sheet += text;
    },
    onclosetag: (name) => {
      if (name !== "style" || sheet === undefined) return;
      noteSheet(sheet, note);
      sheet = undefined;
    },
  });
  parser.end(html.slice(0, MAX_LENGTH));
  return found;
}

type Note = (token: string) => void;

function noteSheet(sheet: string, note: Note): void {
  const css = withoutComments(sheet);
  for (const [, name = "", condition = ""] of css.matchAll(/@([\w-]+)([^{};]*)/g)) {
    note(`@:${name.toLowerCase()}`);
    for (const [, feature = ""] of condition.matchAll(/\(\s*([a-z-]+)/g)) note(`@:${name} ${feature}`);
  }
  for (const piece of css.split("}")) {
    const open = piece.lastIndexOf("{");
    if (open === -1) continue;
    const selector = piece.slice(piece.lastIndexOf("{", open - 1) + 1, open);
    if (!selector.trimStart().startsWith("@"))
      for (const [, pseudo = ""] of selector.matchAll(/:{1,2}([a-z-]+)/g)) note(`s:${pseudo}`);
    noteDeclarations(piece.slice(open + 1), note);
  }
}

// SECURITY: one pass, whatever is not closed.
function withoutComments(css: string): string {
  const [first = "", ...rest] = css.split("/*");
  return first + rest.map((piece) => (piece.includes("*/") ? piece.slice(piece.indexOf("*/") + 2) : "")).join("");
}

function noteDeclarations(css: string, note: Note): void {
  // What stands in quotes is no CSS.
  for (const declaration of css.replace(/"[^"]*"|'[^']*'/g, "").split(";")) {
    const colon = declaration.indexOf(":");
    if (colon === -1) continue;
    const property = declaration.slice(0, colon).trim().toLowerCase();
    // SECURITY: a value of a megabyte would be looked through for each bracket in it.
    const value = declaration
      .slice(colon + 1, colon + MAX_VALUE)
      .trim()
      .toLowerCase();
    note(`p:${property}`);
    if (/^[a-z-]{1,40}$/.test(value)) note(`p:${property}=${value}`);
    const bare = value.replace(/url\([^)]*\)/g, "");
    for (const [, name = ""] of bare.matchAll(/([a-z-]+)\(/g)) note(`f:${name}`);
    for (const [, unit = ""] of bare.matchAll(/(?<![\w#-])\d*\.?\d+(r?em|ex|ch|v[wh]|vm(?:in|ax)|[cm]m|in|p[tc])\b/g))
      note(`u:${unit}`);
    for (const word of bare.match(/[a-z-]+/g) ?? []) note(`w:${word}`);
  }
}

function notePicture(address: string, note: Note): void {
  if (/^data:/i.test(address)) note("i:data");
  const ending = /\.(\w{2,5})(?:[?#]|$)/.exec(address)?.[1];
  if (ending !== undefined) note(`i:${ending.toLowerCase()}`);
}
