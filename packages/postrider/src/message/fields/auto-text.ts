/**
 * `text: "auto"`: the text of a message made from its html by the package html-to-text, which is loaded when it is needed and need
 * not be installed otherwise.
 *
 * Layer: message.
 */
import { MessageError } from "../../errors.js";
import { importPeer } from "../../optional-peer.js";
import type { PartContent } from "../entity.js";

type HtmlToTextOptions = import("html-to-text").HtmlToTextOptions;
/** The part of the package that is used here. */
export type HtmlToTextModule = Pick<typeof import("html-to-text"), "convert">;

type TextPart = Extract<PartContent, { readonly kind: "text" }>;

/** Beyond this the package cuts the html off, and says so on the console. */
const MAX_HTML_LENGTH = 16 * 1024 * 1024;

// Pictures say nothing in text, least of all their cid: links; links in capitals lead nowhere; lines are for the reader's window.
const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  selectors: [
    { selector: "img", format: "skip" },
    { selector: "a", options: { hideLinkHrefIfSameAsText: true } },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
};

/** Text content that is made from the html when it is settled, once. */
export function autoText(html: string, field: string, load?: () => Promise<HtmlToTextModule>): TextPart {
  if (html.length > MAX_HTML_LENGTH) {
    throw new MessageError(field, `"auto" takes html of at most ${MAX_HTML_LENGTH} characters`);
  }
  let text: string | undefined;
  return {
    kind: "text",
    field,
    get text() {
      if (text === undefined) throw new MessageError(field, '"auto" is read before it was made');
      return text;
    },
    settle: async () => {
      text ??= convert(await loaded(field, load), html, field);
    },
  };
}

async function loaded(field: string, load?: () => Promise<HtmlToTextModule>): Promise<HtmlToTextModule> {
  try {
    return await (load === undefined ? importPeer<HtmlToTextModule>("html-to-text") : load());
  } catch (cause) {
    throw new MessageError(field, '"auto" needs the package html-to-text: npm install html-to-text', { cause });
  }
}

function convert(module: HtmlToTextModule, html: string, field: string): string {
  try {
    return module.convert(html, OPTIONS);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MessageError(field, `html-to-text cannot read the html: ${reason}`, { cause });
  }
}
