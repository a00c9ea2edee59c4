/**
 * The source of a message: its bytes as they came, or its HTML, decoded and coloured.
 */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type ApiMessage, fetchSource } from "../api.js";
import { CopyButton } from "../copy-button.js";
import { htmlTokens } from "./html-tokens.js";
import { shownPart } from "./text-tab.js";

/** Every piece in colour is an element; what is longer stays black. */
const MAX_COLOURED = 300_000;

export function SourceTab({ message }: { readonly message: ApiMessage }): JSX.Element {
  const [source, setSource] = useState("");
  const [part, setPart] = useState<"message" | "html">("message");
  useEffect(() => {
    fetchSource(message).then(setSource, (error: Error) => setSource(error.message));
  }, [message]);
  const { html } = message;
  return (
    <>
      {html !== undefined && (
        <fieldset class="segments">
          <legend class="hidden">Source of</legend>
          <button type="button" class="button" aria-pressed={part === "message"} onClick={() => setPart("message")}>
            As it came
          </button>
          <button type="button" class="button" aria-pressed={part === "html"} onClick={() => setPart("html")}>
            HTML, decoded
          </button>
        </fieldset>
      )}
      <div class="code-place">
        <CopyButton text={part === "html" ? (html ?? "") : source} what="the source" />
        {part === "html" ? (
          <ColouredHtml html={html ?? ""} />
        ) : (
          <pre class="text code" dir="auto">
            {shownPart(source)}
          </pre>
        )}
      </div>
    </>
  );
}

function ColouredHtml({ html }: { readonly html: string }): JSX.Element {
  const pieces = useMemo(() => [...htmlTokens(html.slice(0, MAX_COLOURED))], [html]);
  return (
    <pre class="text code" dir="auto">
      {pieces.map(({ kind, text }, index) =>
        kind === "text" ? (
          text
        ) : (
          // The pieces of a message never change.
          <span key={index} class={`html-${kind}`}>
            {text}
          </span>
        ),
      )}
      {shownPart(html).slice(MAX_COLOURED)}
    </pre>
  );
}
