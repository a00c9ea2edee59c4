/**
 * Which messages are selected, to be marked or deleted together.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiSummary } from "../api.js";

export interface Selection {
  readonly selected: ReadonlySet<string>;
  /** Selects a message or no longer; with `range` all from the last one up to it. */
  readonly toggle: (id: string, range: boolean) => void;
  readonly selectAll: () => void;
  readonly selectNone: () => void;
}

export function useSelection(messages: readonly ApiSummary[], query: string): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | undefined>(undefined);
  const selectNone = (): void => setSelected(new Set());
  useEffect(selectNone, [query]);
  useEffect(() => {
    const there = new Set(messages.map(({ id }) => id));
    const left = [...selected].filter((id) => there.has(id));
    if (left.length < selected.size) setSelected(new Set(left));
  }, [messages]);
  const toggle = (id: string, range: boolean): void => {
    const changed = new Set(selected);
    const ids = messages.map((message) => message.id);
    const [from, to] = [ids.indexOf(last.current ?? ""), ids.indexOf(id)];
    if (range && from !== -1 && to !== -1)
      for (const between of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) changed.add(between);
    else if (!changed.delete(id)) changed.add(id);
    last.current = id;
    setSelected(changed);
  };
  return { selected, toggle, selectAll: () => setSelected(new Set(messages.map(({ id }) => id))), selectNone };
}
