/**
 * How wide the HTML of a message is shown: as on a phone, on a tablet, or as wide as the page.
 */
import type { JSX } from "preact";
import { IconButton } from "../icons.js";

/** Pixels; undefined is all there is. */
export const FRAME_WIDTHS: Readonly<Record<"phone" | "tablet" | "desktop", number | undefined>> = {
  phone: 375,
  tablet: 768,
  desktop: undefined,
};

const LABELS = { phone: "Phone", tablet: "Tablet", desktop: "Desktop" } as const;

interface WidthChoiceProps {
  readonly width: number | undefined;
  readonly onWidth: (width: number | undefined) => void;
}

export function WidthChoice({ width, onWidth }: WidthChoiceProps): JSX.Element {
  return (
    <fieldset class="widths">
      <legend class="hidden">Width</legend>
      {(["phone", "tablet", "desktop"] as const).map((name) => (
        <IconButton
          key={name}
          icon={name}
          label={LABELS[name]}
          pressed={FRAME_WIDTHS[name] === width}
          onClick={() => onWidth(FRAME_WIDTHS[name])}
        />
      ))}
    </fieldset>
  );
}
