/**
 * A button that copies a text, and says for a moment that it did.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.js";

const SHOWN_MS = 1500;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied: "the address". */
  readonly what: string;
  /** Words beside the icon; the icon alone without them. */
  readonly label?: string | undefined;
}

export function CopyButton({ text, what, label }: CopyButtonProps): JSX.Element {
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const onClick = (): void => {
    // Absent where the page came over plain HTTP from another machine.
    const { clipboard } = navigator as { readonly clipboard?: Clipboard };
    const copied = clipboard === undefined ? copyBySelection(text) : clipboard.writeText(text);
    copied.then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  const said = state === "copied" ? "Copied" : state === "failed" ? "Cannot copy" : (label ?? "");
  return (
    <button
      type="button"
      class={label === undefined ? "icon-button" : "button"}
      aria-label={state === "ready" ? `Copy ${what}` : said}
      title={`Copy ${what}`}
      onClick={onClick}
    >
      <Icon name={state === "copied" ? "check" : "copy"} />
      {label !== undefined && <span>{said}</span>}
    </button>
  );
}

async function copyBySelection(text: string): Promise<void> {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  // The only way there is without a secure context.
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser does not allow it.");
}
