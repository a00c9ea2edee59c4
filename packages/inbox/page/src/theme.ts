/**
 * Light, dark, or as the system is; remembered by the browser.
 */

export type Theme = "auto" | "light" | "dark";

const KEY = "theme";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === stored) ?? "auto";
}

export function storeTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}
