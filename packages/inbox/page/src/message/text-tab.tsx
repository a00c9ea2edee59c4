/**
 * The text of a message: its addresses are links, the words of the search are marked.
 */
import type { ComponentChildren, JSX } from "preact";
import { trimmedUrl } from "../../../src/web/url-in-text.js";
import { CopyButton } from "../copy-button.js";
import { marked } from "../marked.js";

/** More text than this makes browsers slow; all of it is in the .eml file. */
const MAX_SHOWN = 1024 * 1024;

interface TextTabProps {
  readonly text: string;
  readonly words: readonly string[];
}

export function TextTab({ text, words }: TextTabProps): JSX.Element {
  return (
    <div class="code-place">
      <CopyButton text={text} what="the text" />
      <pre class="text" dir="auto">
        {withLinks(shownPart(text), words)}
      </pre>
    </div>
  );
}

export function shownPart(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n[... more in the .eml file]` : text;
}

const ADDRESS = /(\bhttps?:\/\/[^\s<>"'`{}|\\^]+|\bmailto:[^\s<>"'`]+)/gi;

function withLinks(text: string, words: readonly string[]): ComponentChildren {
  // Every second piece is an address.
  return text.split(ADDRESS).map((piece, index) => {
    if (index % 2 === 0) return marked(piece, words);
    const url = trimmedUrl(piece);
    return (
      <>
        <a key={index} href={url} target="_blank" rel="noreferrer noopener">
          {marked(url, words)}
        </a>
        {piece.slice(url.length)}
      </>
    );
  });
}
