/**
 * The bar on top: how much there is, the search, the theme, and the end of it all.
 */
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "./format.js";
import { applyTheme, storedTheme, storeTheme, THEMES, type Theme } from "./theme.js";

interface ToolbarProps {
  readonly total: number;
  readonly unread: number;
  readonly connected: boolean;
  readonly query: string;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly onSearch: (query: string) => void;
  readonly onDeleteAll: () => void;
  readonly onHelp: () => void;
}

export function Toolbar(props: ToolbarProps): JSX.Element {
  const { total, unread, connected, query, searchField, onSearch, onDeleteAll, onHelp } = props;
  return (
    <header class="bar">
      <h1>Inbox</h1>
      <span class="dim" role="status">
        {connected
          ? `${formatCount(total, "message")}, ${unread.toLocaleString("en")} unread`
          : "The inbox is not running"}
      </span>
      <input
        ref={searchField}
        class="search"
        type="search"
        placeholder="Search from, to, subject, text"
        aria-label="Search"
        value={query}
        onInput={({ currentTarget }) => onSearch(currentTarget.value)}
      />
      <span class="actions">
        <ThemeButton />
        <button type="button" class="button wide-only" onClick={onHelp} aria-label="Keyboard shortcuts">
          ?
        </button>
        <button type="button" class="button" onClick={onDeleteAll} disabled={total === 0}>
          Delete all
        </button>
      </span>
    </header>
  );
}

const LABELS: Readonly<Record<Theme, string>> = { auto: "Auto", light: "Light", dark: "Dark" };

function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(storedTheme);
  const onClick = (): void => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    storeTheme(next);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="button" onClick={onClick} aria-label={`Theme: ${LABELS[theme]}`}>
      <span class="wide-only">Theme: </span>
      {LABELS[theme]}
    </button>
  );
}
