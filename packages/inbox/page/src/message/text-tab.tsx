/**
 * The text of a message.
 */
import type { JSX } from "preact";

/** More text than this makes browsers slow; all of it is in the .eml file. */
const MAX_SHOWN = 1024 * 1024;

export function TextTab({ text }: { readonly text: string }): JSX.Element {
  return (
    <pre class="text" dir="auto">
      {text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n[... more in the .eml file]` : text}
    </pre>
  );
}
