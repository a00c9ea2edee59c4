/**
 * The icons of the page, drawn on 16 by 16 in the colour of the text around them; decoration only, the words are beside them.
 */
import type { JSX } from "preact";

const PATHS = {
  attachment: "M11 4.5v6a3 3 0 0 1-6 0v-7a2 2 0 0 1 4 0v6.5a1 1 0 0 1-2 0V4.5",
  back: "M10 3 5 8l5 5",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8L4 11ZM6.5 14h3",
  calendar: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2v3M10.5 2v3",
  check: "M3 8.5 6.5 12 13 4.5",
  checks: "M8 1.8 13 4v4c0 3-2.2 5.2-5 6.2C5.2 13.2 3 11 3 8V4l5-2.2ZM5.8 8l1.6 1.6 3-3.2",
  chevron: "M4 6.5 8 10.5l4-4",
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  dark: "M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z",
  auto: "M2 3h12v8.5H2zM5.5 14h5M8 11.5V14",
  light:
    "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  delete: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
  desktop: "M2 3h12v8.5H2zM5.5 14h5",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  external: "M9 3h4v4M13 3 7.5 8.5M11 9.5v3.5H3V5h3.5",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  fold: "M3 4h10M3 8h10M3 12h6",
  help: "M6 6.2a2 2 0 1 1 2.8 1.9c-.6.3-.8.7-.8 1.4M8 12v.2M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8Z",
  key: "M9.5 9.5a3.5 3.5 0 1 0-3-3L2.5 10.5v3h3v-2h2v-2h2ZM11 5v.1",
  link: "M6.8 9.2a2.5 2.5 0 0 0 3.6 0l2.2-2.2A2.5 2.5 0 0 0 9 3.4l-.8.8M9.2 6.8a2.5 2.5 0 0 0-3.6 0L3.4 9A2.5 2.5 0 0 0 7 12.6l.8-.8",
  mail: "M2 3.5h12v9H2zM2.5 4l5.5 5 5.5-5",
  next: "M4 6l4 4 4-4",
  phone: "M5 1.8h6v12.4H5zM7.2 12.2h1.6",
  picture: "M2 3h12v10H2zM2 11l3.5-3.5 3 3 2-2 3.5 3M10.5 6v.1",
  previous: "M4 10l4-4 4 4",
  print: "M4.5 6V2.5h7V6M4.5 11h-2V6h11v5h-2M4.5 9.5h7v4h-7z",
  read: "M2 6.2 8 2.5l6 3.7v7.3H2zM2.3 6.5 8 10l5.7-3.5",
  release: "M2 7.5 14 2.5l-4.5 11-2-4.5-5.5-1.5ZM7.5 9 14 2.5",
  reply: "M6.5 3.5 2.5 7.5l4 4M2.5 7.5H9a4.5 4.5 0 0 1 4.5 4.5v1",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.3 10.3 14 14",
  select: "M2.5 2.5h11v11h-11zM5 8l2.2 2.2L11 6",
  tablet: "M3 1.8h10v12.4H3zM7.2 12.2h1.6",
  undo: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.8 3.5l-3 3 3 3",
  unread: "M2 3.5h8M14 8v4.5H2v-9M2.5 4l5.5 5 2.5-2.2M13 2a1.7 1.7 0 1 1 0 3.4A1.7 1.7 0 0 1 13 2Z",
  close: "M4 4l8 8M12 4l-8 8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  /** What it does: shown as a hint, and said by screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean | undefined;
  /** Undefined for a button that is no switch. */
  readonly pressed?: boolean | undefined;
  readonly class?: string | undefined;
}

export function IconButton({
  icon,
  label,
  onClick,
  disabled,
  pressed,
  class: extra = "",
}: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${extra}`}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
