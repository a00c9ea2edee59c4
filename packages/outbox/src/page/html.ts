/**
 * HTML of the page: every value in it is escaped.
 */

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

export type Piece = string | number | Html | readonly Html[] | undefined;

/**
 * A template whose values are escaped; `undefined` is nothing.
 *
 * SECURITY: the only way to HTML; what is no Html is text.
 */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: texts.reduce((all, text, index) => `${all}${rendered(pieces[index - 1])}${text}`) };
}

function rendered(piece: Piece): string {
  if (piece === undefined) return "";
  if (typeof piece === "string" || typeof piece === "number") return escaped(String(piece));
  return "html" in piece ? piece.html : piece.map((one) => one.html).join("");
}

/** Controls and characters that turn the direction of text are shown by their numbers. */
function escaped(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}]/gu, numbered);
  return visible.replace(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`);
}

/** The same for text of several lines. */
export function lines(text: string): Html {
  return {
    html: text
      .split(/\r?\n/)
      .map((line) => escaped(line.replaceAll("\t", "    ")))
      .join("\n"),
  };
}

const numbered = (one: string): string => `\\u{${one.codePointAt(0)?.toString(16)}}`;

/** A moment, to the second, in UTC. */
export function time(at: Date): Html {
  const text = at.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 19).replace("T", " ")} UTC</time>`;
}

const BAD_STATES: readonly string[] = [
  "failed",
  "partly-delivered",
  "unknown",
  "refused",
  "expired",
  "bounced",
  "suppressed",
];

/** The state of a message or a recipient; what went wrong stands out. */
export function stateWord(state: string): Html {
  return BAD_STATES.includes(state) ? html`<span class="bad">${state}</span>` : html`${state}`;
}

/** A form of one button. */
export function button(action: string, id: string, label: string, recipient?: string): Html {
  const one = recipient === undefined ? undefined : html`<input type="hidden" name="recipient" value="${recipient}">`;
  return html`<form method="post"><input type="hidden" name="action" value="${action}"><input type="hidden" name="id" value="${id}">${one}<button>${label}</button></form>`;
}
