/**
 * Markdown to HTML, with the values of a row filled in after the Markdown was read: `*` and `<` in a name stay what they are.
 *
 * CommonMark, with tables. HTML in the template is the author's, and kept.
 */
import MarkdownIt, { type Token } from "markdown-it";
import { CliError } from "../../cli-error.js";
import { EXIT } from "../../exit-code.js";
import type { Placeholders } from "./placeholders.js";

type Tokens = readonly Token[];

/** Rows of one template differ in values, and in which branches of it they take: few sources, read once each. */
const MAX_CACHED = 64;

export class MarkdownRenderer {
  readonly #markdown = new MarkdownIt({ html: true });
  readonly #cache = new Map<string, Tokens>();
  readonly #placeholders: Placeholders;

  constructor(placeholders: Placeholders) {
    this.#placeholders = placeholders;
  }

  /** @param source Markdown with stand-ins. @throws CliError when a value makes a link that must not be. */
  render(source: string): string {
    const tokens = this.#parse(source).map((token) => this.#fill(token));
    return this.#markdown.renderer.render(tokens, this.#markdown.options, {});
  }

  #parse(source: string): Tokens {
    const known = this.#cache.get(source);
    if (known !== undefined) return known;
    const tokens = this.#markdown.parse(source, {});
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(source, tokens);
    return tokens;
  }

  /** A copy with the values. The renderer escapes text and attributes; HTML of the author's it takes as it is. */
  #fill(token: Token): Token {
    const isHtml = token.type === "html_block" || token.type === "html_inline";
    const { escapeHtml } = this.#markdown.utils;
    const copy: Token = Object.assign(Object.create(Object.getPrototypeOf(token)), token);
    copy.content = this.#placeholders.restore(token.content, isHtml ? escapeHtml : undefined);
    copy.info = this.#placeholders.restore(token.info);
    copy.attrs = token.attrs?.map(([name, value]) => [name, this.#attribute(name, String(value))]) ?? null;
    copy.children = token.children?.map((child) => this.#fill(child)) ?? null;
    return copy;
  }

  #attribute(name: string, value: string): string {
    const filled = this.#placeholders.restore(value);
    if (filled === value || (name !== "href" && name !== "src")) return filled;
    if (!this.#markdown.validateLink(filled)) {
      throw new CliError(
        EXIT.data,
        `a value produces the link ${JSON.stringify(filled.slice(0, 80))}, which is not allowed`,
      );
    }
    return this.#markdown.normalizeLink(filled);
  }
}
