/**
 * Keys that are pressed anywhere on the page become commands.
 */
import { useEffect, useRef } from "preact/hooks";
import { type Command, commandFor } from "./keyboard.js";

export type Commands = Readonly<Record<Command, () => void>>;

/** @param active false while a dialog has the keys. */
export function useCommands(commands: Commands, active: boolean): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent): void => {
      // An open dialog has the keys, whichever part of the page has opened it.
      if (document.querySelector("dialog[open]") !== null) return;
      // A box that was ticked has the focus too, and takes no letters.
      const typing =
        event.target instanceof Element && event.target.matches("input:not([type=checkbox]), textarea, select");
      const command = commandFor(event, typing);
      if (command === undefined) return;
      event.preventDefault();
      latest.current[command]();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [active]);
}
