/** What this browser remembers: the theme. */

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "fitness.theme";

let theme = themeOf(localStorage.getItem(KEY));
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");

function themeOf(kept: string | null): Theme {
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
}

function changeTo(next: Theme): void {
  theme = next;
  applyTheme();
  for (const listener of listeners) listener();
}

dark.addEventListener("change", applyTheme);

// Another tab changed it.
addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY) changeTo(themeOf(newValue));
});

export function setTheme(next: Theme): void {
  localStorage.setItem(KEY, next);
  changeTo(next);
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}
