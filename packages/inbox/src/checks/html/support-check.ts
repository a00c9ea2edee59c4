/**
 * Do mail programs show the HTML as it is meant? By the data of caniemail.com, for ten programs that most people have.
 */
import type { InboxMessage } from "../../message.js";
import type { ApiCheck, ApiCheckItem } from "../../web/api-types.js";
import { MAIL_PROGRAMS, SUPPORT } from "./support-table.js";
import { usedFeatures } from "./used-features.js";

/** What fails in so many of the ten is told as a warning. */
const MANY = 4;
/** Almost supported by fewer than this is not worth a line. */
const MIN_ALMOST = 3;
const MAX_LISTED = 30;

interface Support {
  readonly slug: string;
  /** A letter for each program. */
  readonly letters: string;
}

const TABLE: ReadonlyMap<string, Support> = new Map(
  SUPPORT.trim()
    .split("\n")
    .map((line) => {
      const [, token = "", slug = "", letters = ""] = /^(.*) (\S+) (\S+)$/.exec(line) ?? [];
      return [token, { slug, letters }];
    }),
);

export function checkHtmlSupport({ html }: InboxMessage): ApiCheck | undefined {
  if (html === undefined) return undefined;
  const about = { id: "html-support" };
  const used = [...usedFeatures(html)].flatMap(([token, count]) => {
    const support = TABLE.get(token);
    return support === undefined ? [] : [{ token, count, ...support }];
  });
  const weak = used
    .filter(({ letters }) => count("n", letters) > 0 || count("a", letters) >= MIN_ALMOST)
    // What has a value says more than the property alone.
    .filter(({ token }, _index, all) => !all.some((other) => other.token.startsWith(`${token}=`)))
    .sort((left, right) => score(left.letters) - score(right.letters));
  if (weak.length === 0)
    return {
      ...about,
      level: "ok",
      title: "HTML support",
      detail: `All of it works in ${MAIL_PROGRAMS.length} mail programs.`,
    };
  const many = weak.filter(({ letters }) => count("n", letters) >= MANY).length;
  const mean = weak.reduce((sum, { letters }) => sum + score(letters), 0) / weak.length;
  return {
    ...about,
    level: many > 0 ? "warning" : "note",
    title: `${weak.length === 1 ? "One part" : `${weak.length} parts`} of the HTML ${weak.length === 1 ? "does" : "do"} not work everywhere`,
    detail: `These work in ${Math.round(mean * 100)} % of ten mail programs on average${many > 0 ? `; ${many} fail in ${MANY} or more` : ""}. Data: caniemail.com.`,
    list: weak.slice(0, MAX_LISTED).map(itemOf),
  };
}

function itemOf({ token, slug, letters, count: uses }: Support & { token: string; count: number }): ApiCheckItem {
  const named = (letter: string): string =>
    MAIL_PROGRAMS.filter((_name, index) => letters[index] === letter).join(", ");
  const [none, almost] = [named("n"), named("a")];
  const said = [...(none === "" ? [] : [`not in ${none}`]), ...(almost === "" ? [] : [`partly in ${almost}`])].join(
    "; ",
  );
  return {
    text: readable(token),
    detail: `${said}${uses > 1 ? ` (used ${uses} times)` : ""}`,
    url: `https://www.caniemail.com/features/${slug}/`,
  };
}

/** A token as one writes it. */
function readable(token: string): string {
  const name = token.slice(2);
  const [word = "", value] = name.split("=");
  switch (token[0]) {
    case "p":
      return value === undefined ? word : `${word}: ${value}`;
    case "e":
      return value === undefined ? `<${word}>` : `<${word} type="${value}">`;
    case "a":
      return `${word} attribute`;
    case "f":
      return `${word}()`;
    case "u":
      return `${word} unit`;
    case "s":
      return `:${word}`;
    case "@":
      return `@${word.replace(" ", " (")}${word.includes(" ") ? ")" : ""}`;
    case "i":
      return word === "data" ? "data: picture" : `.${word} picture`;
    default:
      return word;
  }
}

function count(letter: string, letters: string): number {
  return letters.split(letter).length - 1;
}

/** From 0 to 1; of programs that nobody has tried nothing is known. */
function score(letters: string): number {
  const known = letters.length - count("u", letters);
  return (count("y", letters) + count("a", letters) / 2) / Math.max(1, known);
}
