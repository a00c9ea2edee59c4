/**
 * The bar on top: how much there is, the search, notifications, the theme, and the end of it all.
 */
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { Brand } from "./brand.js";
import { formatCount } from "./format.js";
import { Icon, IconButton } from "./icons.js";
import type { Notifications } from "./notifications.js";
import { OutboxLink } from "./outbox/outbox-link.js";
import { applyTheme, storedTheme, storeTheme, THEMES, type Theme } from "./theme.js";

interface ToolbarProps {
  readonly total: number;
  readonly unread: number;
  readonly connected: boolean;
  readonly query: string;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly notifications: Notifications;
  readonly onSearch: (query: string) => void;
  readonly onDeleteAll: () => void;
  readonly onHelp: () => void;
}

export function Toolbar(props: ToolbarProps): JSX.Element {
  const { total, unread, connected, notifications, onDeleteAll, onHelp } = props;
  return (
    <header class="bar">
      <Brand />
      <span class={connected ? "counts dim" : "counts gone"} role="status">
        {connected
          ? `${formatCount(total, "message")}, ${unread.toLocaleString("en")} unread`
          : "The inbox is not running"}
      </span>
      <Search {...props} />
      <span class="actions">
        <OutboxLink />
        {notifications.state !== "absent" && (
          <IconButton
            icon="bell"
            label={notifications.state === "blocked" ? "The browser blocks notifications" : "Notify me of new mail"}
            pressed={notifications.state === "on"}
            disabled={notifications.state === "blocked"}
            onClick={notifications.toggle}
          />
        )}
        <ThemeButton />
        <IconButton icon="help" label="Search and keyboard shortcuts" class="wide-only" onClick={onHelp} />
        <IconButton icon="delete" label="Delete all" onClick={onDeleteAll} disabled={total === 0} />
      </span>
    </header>
  );
}

/** What is put into the search by a click. */
const HINTS: readonly string[] = ["is:unread", "has:attachment", "to:", "subject:"];

function Search({ query, searchField, onSearch }: ToolbarProps): JSX.Element {
  const add = (hint: string): void => {
    const field = searchField.current;
    onSearch(`${query.trim()} ${hint}`.trimStart());
    field?.focus();
  };
  return (
    <div class="search-place">
      <Icon name="search" />
      <input
        ref={searchField}
        class="search"
        type="search"
        placeholder="Search, or press /"
        aria-label="Search"
        value={query}
        onInput={({ currentTarget }) => onSearch(currentTarget.value)}
      />
      <div class="search-hints" hidden={query !== ""}>
        {(query === "" ? HINTS : []).map((hint) => (
          // Before the field loses the focus, and the hints with it.
          <button
            key={hint}
            type="button"
            class="hint"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => add(hint)}
          >
            {hint}
          </button>
        ))}
      </div>
    </div>
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
  return <IconButton icon={theme} label={`Theme: ${LABELS[theme]}`} onClick={onClick} />;
}
