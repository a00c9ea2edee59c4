/**
 * The mark of the page, a post horn, and its name: where the riders of the post change horses, and where mail waits.
 */
import type { JSX } from "preact";

export const NAME = "Posthouse";

export function Brand(): JSX.Element {
  return (
    <h1 class="brand">
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M4.5 11.5h19" />
        <circle cx="13.5" cy="17.5" r="6" />
        <path class="bell" d="M21 11.5c3 0 4.8-1.6 6.5-4.5v9c-1.7-2.9-3.5-4.5-6.5-4.5Z" />
      </svg>
      {NAME}
    </h1>
  );
}
