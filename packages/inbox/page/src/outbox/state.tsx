/**
 * The state of a message or a recipient; what went wrong stands out.
 */
import type { JSX } from "preact";

const BAD = ["failed", "partly-delivered", "unknown", "refused", "expired", "bounced", "suppressed"];

export function State({ state }: { readonly state: string }): JSX.Element {
  return <span class={BAD.includes(state) ? "outbox-bad" : "dim"}>{state}</span>;
}
