/**
 * Who stands in the rows: in development the sender is always the same, and the recipient tells messages apart.
 */
import type { ApiSummary } from "../../../src/web/api-types.js";
import { shortName } from "../format.js";

export interface ShownPeople {
  readonly sender: boolean;
  readonly recipients: boolean;
}

/** Whoever differs somewhere in the list; both in a short list. */
export function shownPeople(messages: readonly ApiSummary[]): ShownPeople {
  if (messages.length < 2) return { sender: true, recipients: true };
  const differs = (facts: (message: ApiSummary) => string): boolean => {
    const [first, ...rest] = messages;
    const wanted = first === undefined ? "" : facts(first);
    return rest.some((message) => facts(message) !== wanted);
  };
  const recipients = differs((message) => recipientsOf(message).join());
  return { sender: differs(senderOf) || !recipients, recipients };
}

export function senderOf({ from, envelope }: ApiSummary): string {
  const name = shortName(from);
  return name === "" ? `<${envelope.sender}>` : name;
}

/** Names of the header where it has them, else addresses of the envelope. */
export function recipientsOf({ to, cc, bcc, envelope }: ApiSummary): readonly string[] {
  const named = [...[...to, ...cc].map(shortName), ...bcc].filter((name) => name !== "");
  return named.length === 0 ? envelope.recipients : named;
}
