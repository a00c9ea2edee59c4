/**
 * One inbox for everybody, or one for each recipient or user: the choice is a condition of the search.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { parseQuery } from "../../../src/web/query.js";
import { type ApiBoxes, fetchBoxes } from "../api.js";
import type { ListState } from "./list-state.js";

interface BoxChoiceProps {
  readonly list: ListState;
  readonly onSearch: (query: string) => void;
}

const BOX = /(?:^|\s)-?(?:rcpt|user):(?:"[^"]*"?|\S+)/gi;

export function BoxChoice({ list, onSearch }: BoxChoiceProps): JSX.Element {
  const { query, total, unread } = list;
  const [boxes, setBoxes] = useState<ApiBoxes>({ recipients: [], users: [] });
  useEffect(() => {
    // Counts may be late by this much: at a thousand messages a second nobody reads them.
    const timer = setTimeout(() => fetchBoxes().then(setBoxes, () => {}), total === 0 ? 0 : 300);
    return () => clearTimeout(timer);
  }, [total, unread]);
  const term = parseQuery(query).find(({ field, not }) => !not && (field === "rcpt" || field === "user"));
  const chosen = term === undefined ? "" : `${term.field}:"${term.value}"`;
  const choices = [
    ...boxes.recipients.map((box) => ({ ...box, value: `rcpt:"<${box.name}>"`, kind: "Recipients" })),
    ...boxes.users.map((box) => ({ ...box, value: `user:"${box.name.toLowerCase()}"`, kind: "Users" })),
  ];
  return (
    <select
      class="box-choice"
      aria-label="Inbox"
      value={chosen}
      onChange={({ currentTarget }) => onSearch(`${query.replace(BOX, "")} ${currentTarget.value}`.trim())}
    >
      <option value="">All mail</option>
      {chosen !== "" && !choices.some(({ value }) => value === chosen) && <option value={chosen}>{chosen}</option>}
      {["Recipients", "Users"].map((kind) => {
        const ofKind = choices.filter((choice) => choice.kind === kind);
        return (
          ofKind.length > 0 && (
            <optgroup key={kind} label={kind}>
              {ofKind.map((box) => (
                <option key={box.value} value={box.value}>
                  {box.name} ({box.unread > 0 ? `${box.unread} of ${box.total} unread` : box.total})
                </option>
              ))}
            </optgroup>
          )
        );
      })}
    </select>
  );
}
