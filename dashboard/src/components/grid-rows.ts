/** Which rows of a grid are drawn, and in which element each. A frame draws few new rows, so that no frame takes long. */

import type { VirtualItem, Virtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useReducer, useRef } from "react";

/** The most rows that a frame draws anew; the next frames draw the others. */
const MOST_NEW = 6;
/** Pixels that a frame may scroll and draw new rows: when they pass faster, nobody can read them. */
const FAST = 300;

export interface DrawnRow {
  key: string;
  index: number;
  start: number;
  /** The number of its element: a row that comes into sight takes that of one that left, which is cheap. */
  slot: number;
}

type Wanted = Omit<DrawnRow, "slot">;

/** The rows to draw now; while some are missing, it draws again in the next frame, unless that scrolls fast. */
export function useDrawnRows(
  items: VirtualItem[],
  keys: string[],
  current: string | undefined,
  measured: boolean,
  virtualizer: Virtualizer<HTMLDivElement, Element>,
): DrawnRow[] {
  const before = useRef<DrawnRow[]>([]);
  /** Where the frame before stood. */
  const offset = useRef(0);
  const [, drawAgain] = useReducer((times: number) => times + 1, 0);
  const isFast = () => Math.abs((virtualizer.scrollOffset ?? 0) - offset.current) > FAST;
  const wanted = items.map(({ key, index, start }) => ({ key: String(key), index, start }));
  const most = measured ? wanted.length : isFast() ? 0 : MOST_NEW;
  const known = before.current.filter(({ key, index }) => keys[index] === key);
  const drawn = drawnAfter(known, wanted, most, current);
  before.current = drawn;
  const there = new Set(drawn.map(({ key }) => key));
  const isMissing = wanted.some(({ key }) => !there.has(key));
  useLayoutEffect(() => {
    if (!isMissing) offset.current = virtualizer.scrollOffset ?? 0;
    let frame = isMissing ? requestAnimationFrame(next) : 0;
    function next() {
      const wait = isFast();
      offset.current = virtualizer.scrollOffset ?? 0;
      if (wait) frame = requestAnimationFrame(next);
      else drawAgain();
    }
    return () => cancelAnimationFrame(frame);
  });
  return drawn;
}

/**
 * The rows that are drawn after those of before: of the wanted ones those that are there, so many new ones, and the one
 * with the focus in any case. While some are missing, rows that left stay, so that their elements can be taken.
 */
export function drawnAfter(before: DrawnRow[], wanted: Wanted[], most: number, current?: string): DrawnRow[] {
  const there = new Map(before.map((row) => [row.key, row.slot]));
  const isWanted = new Set(wanted.map(({ key }) => key));
  const left = before.filter(({ key }) => !isWanted.has(key));
  const missing = wanted.filter(({ key }) => !there.has(key));
  // In their order, so that after a jump the rows stand in the document as they follow each other.
  const free = freeSlots(left, before, missing.length);
  const added = missing
    .map((row, index) => ({ ...row, slot: free[index] ?? 0 }))
    .filter(({ key }, index) => index < most || key === current);
  const slots = new Map([...there, ...added.map(({ key, slot }) => [key, slot] as const)]);
  const shown = wanted.flatMap((row) => {
    const slot = slots.get(row.key);
    return slot === undefined ? [] : [{ ...row, slot }];
  });
  const taken = new Set(added.map(({ slot }) => slot));
  return [...shown, ...(added.length < missing.length ? left.filter(({ slot }) => !taken.has(slot)) : [])];
}

/** So many slots: those of the rows that left, then unused ones. */
function freeSlots(left: DrawnRow[], before: DrawnRow[], count: number): number[] {
  const used = new Set(before.map(({ slot }) => slot));
  const unused = Array.from({ length: count + used.size }, (_, slot) => slot).filter((slot) => !used.has(slot));
  return [...left.map(({ slot }) => slot).sort((one, other) => one - other), ...unused].slice(0, count);
}
