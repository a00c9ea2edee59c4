/**
 * Whether what was sent to many is folded; remembered by the browser.
 */
import { useState } from "preact/hooks";

const KEY = "fold";

export function useFold(): readonly [folded: boolean, toggle: () => void] {
  const [folded, setFolded] = useState(() => localStorage.getItem(KEY) !== "off");
  const toggle = (): void => {
    localStorage.setItem(KEY, folded ? "off" : "on");
    setFolded(!folded);
  };
  return [folded, toggle];
}
