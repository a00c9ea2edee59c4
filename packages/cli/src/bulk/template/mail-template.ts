/**
 * A template with everything that makes a row a mail.
 */

import { domainToASCII } from "node:url";
import { type AddressesInput, type Attachment, EmailMessage, type MessageFields } from "postrider";
import { CliError, usageError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { AddressField } from "./address-field.js";
import { checkUses } from "./columns.js";
import { type Escaping, Expression, type Use, type Values } from "./expressions.js";
import type { TemplateField } from "./front-matter.js";
import { htmlToText } from "./html-text.js";
import { MarkdownRenderer } from "./markdown.js";
import { onCommandLine } from "./place.js";
import { Placeholders } from "./placeholders.js";
import type { TemplateAttachment, TemplateFile, TemplateText } from "./template-file.js";

/** What the command line says instead of the template. */
export interface TemplateOverrides {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly subject?: string | undefined;
  readonly attachments: readonly Attachment[];
}

const ADDRESS_FIELDS = {
  from: "from",
  to: "to",
  cc: "cc",
  bcc: "bcc",
  "reply-to": "replyTo",
  sender: "sender",
} as const;

/** Whom a mail goes to when nobody says. */
const DEFAULT_TO = "{{ email }}";

export class MailTemplate {
  readonly #placeholders = new Placeholders();
  readonly #markdown = new MarkdownRenderer(this.#placeholders);
  readonly #attachments: readonly FilledAttachment[];
  readonly #addresses = new Map<(typeof ADDRESS_FIELDS)[keyof typeof ADDRESS_FIELDS], AddressField>();
  readonly #subject: Expression;
  readonly #headers: (readonly [name: string, value: Expression])[] = [];
  readonly #body: { readonly [Kind in "markdown" | "html" | "text"]: Expression | undefined };
  readonly #onBlank = (): void => {
    this.#hasBlank = true;
  };
  #hasBlank = false;

  /** @throws CliError when something does not parse, or nothing says who writes or what about. */
  constructor(template: TemplateFile, overrides: TemplateOverrides) {
    const { file } = template;
    const fields = overriding(template.fields, overrides);
    for (const field of fields) this.#addField(field, file);
    const [subject, ...others] = fields.filter(({ name }) => name.toLowerCase() === "subject");
    if (subject === undefined || others.length > 0)
      throw usageError(
        `there is ${subject === undefined ? "no" : "more than one"} subject: give --subject, or a line "Subject: ..." in ${file}`,
      );
    this.#subject = this.#expression({ text: subject.value, place: subject.place }, "none");
    if (!this.#addresses.has("from"))
      throw usageError(`there is no author: give --from, or a line "From: ..." in ${file}`);
    this.#attachments = [
      ...template.attachments.map((one) => this.#attachment(one)),
      ...overrides.attachments.map((fixed) => ({ fixed, filled: [] })),
    ];
    const { markdown, html, text } = template;
    this.#body = {
      markdown: markdown && this.#expression(markdown, this.#placeholders),
      html: html && this.#expression(html, "html"),
      text: text && this.#expression(text, "none"),
    };
  }

  /** The names that it reads from a row. */
  get uses(): readonly Use[] {
    const { markdown, html, text } = this.#body;
    const attached = this.#attachments.flatMap(({ filled }) => filled.map(([, expression]) => expression));
    const all = [
      ...this.#addresses.values(),
      this.#subject,
      ...this.#headers.map(([, value]) => value),
      ...[markdown, html, text].filter((one) => one !== undefined),
      ...attached,
    ];
    return all.flatMap((one) => one.uses);
  }

  /** Whether the mail that was composed last has a place where a value should stand and none does; names of addresses do not count. */
  get hasBlank(): boolean {
    return this.#hasBlank;
  }

  /** @throws CliError that tells every name that is no column. */
  checkColumns(columns: readonly string[]): void {
    checkUses(this.uses, columns);
  }

  /**
   * The mail for one row.
   *
   * @param options.idLeft what stands before the @ of its Message-ID; default random.
   * @param options.withText whether the text beside HTML is made, which costs more than the rest; default true.
   * @throws CliError, AddressError, MessageError that says what is wrong with the row.
   */
  compose(values: Values, options: { withText?: boolean; idLeft?: string | undefined } = {}): EmailMessage {
    this.#placeholders.clear();
    this.#hasBlank = false;
    const fields: { -readonly [Key in keyof MessageFields]: MessageFields[Key] } = {
      subject: this.#subject.fill(values),
      headers: this.#headers.map(([name, value]): [string, string] => [name, value.fill(values)]),
      attachments: this.#attachments.map(({ fixed, filled }) =>
        filled.length === 0
          ? fixed
          : { ...fixed, ...Object.fromEntries(filled.map(([name, value]) => [name, value.fill(values)])) },
      ),
    };
    for (const [field, expression] of this.#addresses) fields[field] = expression.fill(values);
    const domain = options.idLeft === undefined ? undefined : domainOf(fields.from);
    if (domain !== undefined) fields.messageId = `${options.idLeft}@${domain}`;
    return new EmailMessage({ ...fields, ...this.#content(values, options.withText ?? true) });
  }

  #content(values: Values, withText: boolean): Pick<MessageFields, "text" | "html"> {
    const { markdown, text } = this.#body;
    const html =
      markdown === undefined ? this.#body.html?.fill(values) : page(this.#markdown.render(markdown.fill(values)));
    const own = text?.fill(values);
    if (html === undefined) return { text: own ?? "" };
    return { html, text: own ?? (withText ? htmlToText(html) : "") };
  }

  #addField({ name, value, place }: TemplateField, file: string): void {
    const key = name.toLowerCase();
    if (key === "subject") return;
    if (Object.hasOwn(ADDRESS_FIELDS, key)) {
      const field = ADDRESS_FIELDS[key as keyof typeof ADDRESS_FIELDS];
      if (this.#addresses.has(field)) throw new CliError(EXIT.data, `${file} has the field ${name} twice`);
      this.#addresses.set(field, new AddressField(value, place, this.#placeholders));
    } else {
      this.#headers.push([name, this.#expression({ text: value, place }, "none")]);
    }
  }

  #attachment({ fixed, filled }: TemplateAttachment): FilledAttachment {
    return {
      fixed,
      filled: Object.entries(filled).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, this.#expression(text, "none")] as const],
      ),
    };
  }

  #expression({ text, place }: TemplateText, escaping: Escaping): Expression {
    return new Expression(text, place, { escaping, onBlank: this.#onBlank });
  }
}

interface FilledAttachment {
  readonly fixed: Attachment;
  /** Options of the attachment that a row fills. */
  readonly filled: readonly (readonly [name: string, value: Expression])[];
}

/** The fields with those of the command line in place of their namesakes, and somebody whom it goes to. */
function overriding(
  fields: TemplateFile["fields"],
  { from, to, subject }: TemplateOverrides,
): readonly TemplateField[] {
  const given = [["From", from] as const, ["To", to] as const, ["Subject", subject] as const].flatMap(
    ([name, value]) => (value === undefined ? [] : [{ name, value, place: onCommandLine(`--${name.toLowerCase()}`) }]),
  );
  const isGiven = (name: string): boolean => given.some((other) => other.name.toLowerCase() === name.toLowerCase());
  const all = [...given, ...fields.filter(({ name }) => !isGiven(name))];
  const hasRecipient = all.some(({ name }) => /^(?:to|cc|bcc)$/i.test(name));
  return hasRecipient ? all : [{ name: "To", value: DEFAULT_TO, place: NOBODY }, ...all];
}

const NOBODY = onCommandLine('there is neither --to nor a line "To: ...", so a row goes to {{ email }}');

/** The author's domain in ASCII; undefined when it is none of DNS. */
function domainOf(from: AddressesInput | undefined): string | undefined {
  const [first] = Array.isArray(from) ? (from as readonly AddressesInput[]) : [];
  if (typeof first !== "object" || !("address" in first)) return undefined;
  const domain = domainToASCII(first.address.slice(first.address.lastIndexOf("@") + 1));
  return /^[a-z0-9.-]+$/.test(domain) ? domain : undefined;
}

function page(body: string): string {
  return `<!doctype html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n${body}</body>\n</html>\n`;
}
