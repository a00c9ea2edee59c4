/**
 * What receivers would complain about.
 */
import type { JSX } from "preact";
import type { ApiCheck } from "../api.js";

const LABELS: Readonly<Record<ApiCheck["level"], string>> = {
  problem: "Problem",
  warning: "Warning",
  note: "Note",
  ok: "Good",
};

export function ChecksTab({ checks }: { readonly checks: readonly ApiCheck[] | undefined }): JSX.Element {
  if (checks === undefined) return <p class="notice">Checking …</p>;
  return (
    <>
      <ul class="checks">
        {checks.map(({ id, level, title, detail }) => (
          <li key={id}>
            <span class={`level ${level}`}>{LABELS[level]}</span>
            <div>
              <strong>{title}</strong>
              <p class="dim">{detail}</p>
            </div>
          </li>
        ))}
      </ul>
      <p class="dim small">Found by looking at the message alone. Nothing was fetched and nobody was asked.</p>
    </>
  );
}
