/**
 * The corpus: each structure in each language, and on the way every body, name, address, attachment and encoding; then what is
 * hard about single fields, and structures built by hand.
 */

import type { MessageFields, TextContent } from "../../src/message/email-message.js";
import { EmailMessage } from "../../src/message/email-message.js";
import type { ComposeTarget } from "../../src/message/entity.js";
import type { MimePart } from "../../src/message/mime-part.js";
import { ATTACHMENTS, type AttachmentRow, type ExpectedAttachment, embedded, FILENAMES } from "./attachments.js";
import { BODIES } from "./bodies.js";
import { BY_HAND } from "./by-hand.js";
import { LANGUAGES, type Language } from "./languages.js";
import { PEOPLE, type Person } from "./people.js";
import { expectedTree, STRUCTURES, type StructureRow } from "./structures.js";

/** What a reader must find. */
export interface Expected {
  readonly subject: string;
  readonly from: readonly Person[];
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  /** Line ends are LF; what is the whole body has one at its end. */
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly ExpectedAttachment[];
  readonly tree: string;
}

export interface CorpusMessage {
  readonly name: string;
  /** The rows of the tables that it is made of: `"body: dots first"`. */
  readonly traits: readonly string[];
  readonly message: MimePart;
  readonly target: ComposeTarget;
  readonly expected: Expected;
}

const TARGETS: readonly ComposeTarget[] = [
  { eightBit: false, utf8: false },
  { eightBit: true, utf8: false },
  { eightBit: true, utf8: true },
];
const ENCODINGS: readonly TextContent["encoding"][] = [undefined, "quoted-printable", "base64", undefined, undefined];

/** Takes the rows of a table one after the other; the tables have lengths that share few divisors. */
function pick<Row>(rows: readonly Row[], index: number): Row {
  return rows[index % rows.length] as Row;
}

export function* corpus(): Generator<CorpusMessage> {
  let index = 0;
  for (const structure of STRUCTURES) {
    for (const language of LANGUAGES) yield make(structure, language, index++);
  }
  const [english = pick(LANGUAGES, 0), german = pick(LANGUAGES, 1)] = LANGUAGES;
  const [plain = pick(STRUCTURES, 0)] = STRUCTURES;
  for (const [name, subject] of HARD_SUBJECTS) yield make(plain, { ...english, subject }, index++, `subject: ${name}`);
  const alone = pick(STRUCTURES, 10);
  for (const filename of FILENAMES) {
    yield make(alone, { ...german, filename }, 0, `filename: ${filename.slice(0, 30)}`);
  }
  for (const { name, build, tree, text, html, attachments, address } of BY_HAND) {
    const message = build();
    message.headers.set("From", "from@x.example").set("Subject", name);
    message.headers.set("To", address ?? "one@y.example").set("Cc", "cc@x.example");
    const [from, to, cc] = ["from@x.example", address ?? "one@y.example", "cc@x.example"].map(person);
    const expected = { subject: name, from, to, cc, text, html, attachments, tree } as Expected;
    yield { name, traits: ["by hand"], message, target: TARGETS[2] as ComposeTarget, expected };
  }
}

const person = (address: string): readonly Person[] => [{ name: "", address }];

const HARD_SUBJECTS: readonly (readonly [name: string, subject: string])[] = [
  ["empty", ""],
  ["one letter", "x"],
  ["encoded word", "=?utf-8?q?no?="],
  ["half an encoded word", "a =? b ?= =?utf-8?q?c"],
  ["998 of one letter", "x".repeat(900)],
  ["2000 of one letter", "y".repeat(2000)],
  ["2000 umlauts", "ü".repeat(2000)],
  ["words", "word ".repeat(400).trim()],
  ["inner spaces", "a  b   c"],
  ["a tab", "a\tb"],
  ["looks like a header", "Bcc: nobody@x.example"],
  ["underscores and equals", "a_b=c ü_=?"],
  ["controls of direction", "\u202eabc\u202c ü"],
  ["not normalised", "e\u0301 \u00e9 \u1100\u1161 \uac00"],
  ["soft hyphen, no-break space", "a\u00adb\u00a0c"],
];

function make(structure: StructureRow, language: Language, index: number, special?: string): CorpusMessage {
  const body = pick(BODIES, index);
  const people = pick(PEOPLE, index);
  const target = pick(TARGETS, index);
  const encoding = pick(ENCODINGS, index);
  const charset = language.isLatin1 === true && index % 2 === 0 ? "iso-8859-1" : "utf-8";
  const rows = Array.from({ length: structure.attached }, (_, offset) => pick(ATTACHMENTS, index + offset));
  const { fields, expected } = content(structure, language, rows, body.make(language.text), { encoding, charset });
  const to = people.make(language.person);
  const message = new EmailMessage({
    from: { name: language.person, address: "from@x.example" },
    to: to.given,
    cc: [{ name: `${language.person} (cc)`, address: "cc@x.example" }],
    bcc: "hidden@x.example",
    subject: language.subject,
    ...fields,
  });
  const traits = [
    `structure: ${structure.name}`,
    `language: ${language.name}`,
    `body: ${body.name}`,
    `people: ${people.name}`,
    `text as ${encoding ?? (target.eightBit ? "8bit" : "7bit")}`,
    `charset: ${charset}`,
    ...rows.map(({ name }) => `attachment: ${name}`),
    ...(special === undefined ? [] : [special]),
  ];
  return {
    name: [special ?? structure.name, language.name, body.name, people.name].join(" / "),
    traits,
    message,
    target,
    expected: {
      subject: language.subject,
      from: [{ name: language.person, address: "from@x.example" }],
      to: to.expected,
      cc: [{ name: `${language.person} (cc)`, address: "cc@x.example" }],
      ...expected,
    },
  };
}

function content(
  structure: StructureRow,
  language: Language,
  rows: readonly AttachmentRow[],
  text: string,
  how: Omit<TextContent, "content">,
): { readonly fields: MessageFields; readonly expected: Pick<Expected, "text" | "html" | "attachments" | "tree"> } {
  const pictures = Array.from({ length: structure.inline }, (_, offset) => picture(offset, language));
  const links = pictures.map(({ contentId }) => `<img src="cid:${contentId}" alt="">`);
  const html = `<!doctype html>\n<html><body><p title="&quot;">${text}</p>${links.join("")}</body></html>\n`;
  const attached = rows.map((row) => attach(row, language));
  const inside = Array.from({ length: structure.embedded }, () => embed(language));
  const attachments = [...pictures.map(({ made }) => made), ...attached, ...inside];
  const isWhole = attachments.length === 0 && !(structure.hasText && structure.hasHtml);
  const types = (made: readonly Made[]): string[] => made.map(({ tree }) => tree);
  return {
    fields: {
      ...(structure.hasText ? { text: { content: text, ...how } } : {}),
      ...(structure.hasHtml ? { html: { content: html, ...how } } : {}),
      ...(attachments.length > 0 ? { attachments: attachments.map(({ given }) => given) } : {}),
    },
    expected: {
      text: structure.hasText ? lines(text, isWhole) : undefined,
      html: structure.hasHtml ? lines(html, isWhole) : undefined,
      attachments: attachments.map(({ expected }) => expected),
      tree: expectedTree(structure, types(pictures.map(({ made }) => made)), types([...attached, ...inside])),
    },
  };
}

/** RFC 2046 §4.1.1: the lines of a text end in CRLF, whatever they ended in; the last line of a message, too. */
function lines(text: string, isWhole: boolean): string {
  const unified = text.replace(/\r\n?/g, "\n");
  return isWhole && !unified.endsWith("\n") ? `${unified}\n` : unified;
}

interface Made {
  readonly given: NonNullable<MessageFields["attachments"]>[number];
  readonly expected: ExpectedAttachment;
  readonly tree: string;
}

const PICTURE = Uint8Array.from({ length: 300 }, (_, index) => (index * 7) & 0xff);

function picture(offset: number, { filename }: Language): { readonly contentId: string; readonly made: Made } {
  const contentId = `picture.${offset}@x.example`;
  const name = `${filename}.png`;
  const given = { filename: name, content: PICTURE, contentId };
  const expected = { filename: name, type: "image/png", bytes: PICTURE, contentId, disposition: "inline" } as const;
  return { contentId, made: { given, expected, tree: "image/png" } };
}

function attach(row: AttachmentRow, { filename }: Language): Made {
  const { given, type, bytes } = row.make(filename);
  const expected = { filename: given.filename, type, bytes, contentId: undefined, disposition: "attachment" } as const;
  return { given, expected, tree: type };
}

function embed({ subject }: Language): Made {
  const { given, bytes, filename } = embedded(subject);
  const expected = {
    filename,
    type: "message/rfc822",
    bytes,
    contentId: undefined,
    disposition: "attachment",
  } as const;
  return { given, expected, tree: "message/rfc822" };
}
