/** What this browser remembers: the theme, the first day of the week, and how far a week should go. */

import { useSyncExternalStore } from "react";
import type { FirstDay } from "./format/days";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  theme: Theme;
  firstDay: FirstDay;
  /** Miles a week; 0 is no goal. */
  weeklyMiles: number;
}

const KEY = "fitness.preferences";
const DEFAULTS: Preferences = { theme: "system", firstDay: 1, weeklyMiles: 0 };

let preferences: Preferences = { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(): void {
  const shown = preferences.theme === "system" ? (dark.matches ? "dark" : "light") : preferences.theme;
  document.documentElement.dataset.theme = shown;
}

dark.addEventListener("change", applyTheme);

export function setPreferences(changes: Partial<Preferences>): void {
  preferences = { ...preferences, ...changes };
  localStorage.setItem(KEY, JSON.stringify(preferences));
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => preferences,
  );
}
