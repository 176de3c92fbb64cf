/** The chosen rows of a grid: one, a range from the one before, or all. */

import { useRef } from "react";

export interface Choosing {
  chosen?: ReadonlySet<string>;
  /** Without it rows cannot be chosen. */
  onChoose?: (chosen: ReadonlySet<string>) => void;
}

export interface GridChoice {
  chosenCount: number;
  /** Chooses a row or gives it up; with `range`, chooses all from the row chosen last to it. */
  choose: (key: string, range: boolean) => void;
  /** Moves the end of the range that began at `from` or before. */
  extend: (from: string, to: string) => void;
  /** All that are loaded, or none if all are chosen. */
  all: () => void;
}

export function useChoosing(keys: string[], { chosen = new Set(), onChoose }: Choosing): GridChoice {
  /** Where a range begins and ends. */
  const range = useRef<Range>(undefined);
  const chosenCount = chosen.size === 0 ? 0 : keys.filter((key) => chosen.has(key)).length;
  function extend(from: string, to: string) {
    const before = range.current ?? { from, to: from };
    range.current = { from: before.from, to };
    onChoose?.(withRange(keys, chosen, before, to));
  }
  function choose(key: string, isRange: boolean) {
    if (isRange && range.current) return extend(range.current.from, key);
    range.current = { from: key, to: key };
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChoose?.(next);
  }
  const all = () => onChoose?.(new Set(chosenCount === keys.length ? [] : keys));
  return { chosenCount, choose, extend, all };
}

interface Range {
  from: string;
  to: string;
}

/** What is chosen after the end of a range moved: what is no longer in it is given up. */
export function withRange(keys: string[], chosen: ReadonlySet<string>, { from, to }: Range, end: string): Set<string> {
  const next = new Set(chosen);
  for (const key of between(keys, from, to)) next.delete(key);
  for (const key of between(keys, from, end)) next.add(key);
  return next;
}

function between(keys: string[], from: string, to: string): string[] {
  const [low, high] = [keys.indexOf(from), keys.indexOf(to)].sort((one, other) => one - other);
  return low === undefined || high === undefined || low < 0 ? [] : keys.slice(low, high + 1);
}
