/**
 * A template with everything that makes a row a mail.
 */

import { domainToASCII } from "node:url";
import { type AddressesInput, type Attachment, EmailMessage, type MessageFields } from "postrider";
import { CliError, usageError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import { AddressField } from "./address-field.js";
import { Expression, type Values } from "./expressions.js";
import { htmlToText } from "./html-text.js";
import { MarkdownRenderer } from "./markdown.js";
import { Placeholders } from "./placeholders.js";
import type { TemplateFile } from "./template-file.js";

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
  readonly #attachments: readonly Attachment[];
  readonly #addresses = new Map<(typeof ADDRESS_FIELDS)[keyof typeof ADDRESS_FIELDS], AddressField>();
  readonly #subject: Expression;
  readonly #headers: (readonly [name: string, value: Expression])[] = [];
  readonly #body: { readonly [Kind in "markdown" | "html" | "text"]: Expression | undefined };

  /** @throws CliError when something does not parse, or nothing says who writes or what about. */
  constructor(template: TemplateFile, overrides: TemplateOverrides) {
    const { file } = template;
    const fields = overriding(template.fields, overrides);
    for (const [name, value] of fields) this.#addField(name, value, file);
    const subject = fields.filter(([name]) => name.toLowerCase() === "subject");
    if (subject.length !== 1)
      throw usageError(
        `${subject.length === 0 ? "there is no" : "there is more than one"} subject: give --subject, or a line "Subject: ..." in ${file}`,
      );
    this.#subject = new Expression(subject[0]?.[1] ?? "", "subject", "none");
    if (!this.#addresses.has("from"))
      throw usageError(`there is no author: give --from, or a line "From: ..." in ${file}`);
    this.#attachments = [...template.attachments, ...overrides.attachments];
    this.#body = {
      markdown: optional(template.markdown, file, this.#placeholders),
      html: optional(template.html, file, "html"),
      text: optional(template.text, file, "none"),
    };
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
    const fields: { -readonly [Key in keyof MessageFields]: MessageFields[Key] } = {
      subject: this.#subject.fill(values),
      headers: this.#headers.map(([name, value]): [string, string] => [name, value.fill(values)]),
      attachments: this.#attachments,
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

  #addField(name: string, value: string, file: string): void {
    const key = name.toLowerCase();
    const where = `${name} in ${file}`;
    if (key === "subject") return;
    if (Object.hasOwn(ADDRESS_FIELDS, key)) {
      const field = ADDRESS_FIELDS[key as keyof typeof ADDRESS_FIELDS];
      if (this.#addresses.has(field)) throw new CliError(EXIT.data, `${file} has the field ${name} twice`);
      this.#addresses.set(field, new AddressField(value, where, this.#placeholders));
    } else {
      this.#headers.push([name, new Expression(value, where, "none")]);
    }
  }
}

/** The fields with those of the command line in place of their namesakes, and somebody whom it goes to. */
function overriding(
  fields: TemplateFile["fields"],
  { from, to, subject }: TemplateOverrides,
): readonly (readonly [name: string, value: string])[] {
  const given = [["From", from] as const, ["To", to] as const, ["Subject", subject] as const].flatMap(
    ([name, value]) => (value === undefined ? [] : [[name, value] as const]),
  );
  const isGiven = (name: string): boolean => given.some(([other]) => other.toLowerCase() === name.toLowerCase());
  const all = [...given, ...fields.filter(([name]) => !isGiven(name))];
  const hasRecipient = all.some(([name]) => /^(?:to|cc|bcc)$/i.test(name));
  return hasRecipient ? all : [["To", DEFAULT_TO], ...all];
}

function optional(
  text: string | undefined,
  where: string,
  escaping: ConstructorParameters<typeof Expression>[2],
): Expression | undefined {
  return text === undefined ? undefined : new Expression(text, where, escaping);
}

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
