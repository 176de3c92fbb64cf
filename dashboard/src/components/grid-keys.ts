/** The keys of a grid: one stop of Tab; arrows, Page Up and Down, Home and End move, Space chooses, Enter opens. */

import type { Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useLayoutEffect, useRef } from "react";
import type { GridProps } from "./grid";
import type { GridChoice } from "./grid-choice";

const CONTROLS = "input, button, a[href]";

/** The row of a grid that an element is in; undefined for elements of its header and of what floats above it. */
export function rowOf(box: HTMLElement | null, target: HTMLElement): HTMLElement | undefined {
  return (box?.contains(target) && target.closest<HTMLElement>("[data-key]")) || undefined;
}

/** What arrows to the left and right walk: the row itself, and what can be pressed in it. */
function stopsOf(row: HTMLElement): HTMLElement[] {
  const controls = [...row.querySelectorAll<HTMLElement>(CONTROLS)];
  return row.hasAttribute("data-key") ? [row, ...controls] : controls;
}

interface Walked<T> extends GridProps<T> {
  box: { current: HTMLDivElement | null };
  keys: string[];
  at: number;
  setCurrent: (key: string) => void;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  choosing: GridChoice;
}

export function useGridKeys<T>({ box, items, keys, at, setCurrent, virtualizer, choosing, ...props }: Walked<T>) {
  /** The stop of the row that the focus goes to as soon as the row is in the page. */
  const wanted = useRef<{ index: number; stop: number }>(undefined);
  function focusWanted() {
    const row = wanted.current && box.current?.querySelector<HTMLElement>(`[data-index="${wanted.current.index}"]`);
    if (!wanted.current || !row) return;
    const stops = stopsOf(row);
    stops[Math.min(wanted.current.stop, stops.length - 1)]?.focus({ preventScroll: true });
    wanted.current = undefined;
  }
  useLayoutEffect(focusWanted);

  function moveTo(index: number, stop: number, extending: boolean) {
    const [from, to] = [keys[at], keys[index]];
    if (to === undefined) return;
    if (extending && from !== undefined && props.onChoose) choosing.extend(from, to);
    wanted.current = { index, stop };
    virtualizer.scrollToIndex(index);
    setCurrent(to);
    focusWanted();
  }

  function page(): number {
    const { startIndex, endIndex } = virtualizer.range ?? { startIndex: 0, endIndex: 1 };
    return Math.max(1, endIndex - startIndex - 1);
  }

  /** What a key does; undefined where it is left to the browser. */
  function actionOf({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent, row: HTMLElement, target: HTMLElement) {
    const stops = stopsOf(row);
    const stop = Math.max(0, stops.indexOf(target));
    const inHead = !row.hasAttribute("data-key");
    const [current, item] = [keys[at], items[at]];
    if (ctrlKey || metaKey) return key === "a" && props.onChoose ? choosing.all : undefined;
    if (key === "ArrowRight") return () => stops[stop + 1]?.focus();
    if (key === "ArrowLeft") return () => stops[stop - 1]?.focus();
    if (key === "ArrowUp" && (inHead || at <= 0)) return () => focusHead(box.current);
    if (key === "ArrowDown" && inHead) return () => moveTo(Math.max(0, at), 0, false);
    const next = indexAfter(key, at, keys.length, page());
    if (next !== undefined) return () => moveTo(next, key.startsWith("Arrow") ? stop : 0, shiftKey);
    if (target !== row || current === undefined) return undefined;
    if (key === " " && props.onChoose) return () => choosing.choose(current, shiftKey);
    if (key === "Enter" && item && props.onAction) return () => props.onAction?.(item);
    return undefined;
  }

  return (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const row = box.current?.contains(target) ? target.closest<HTMLElement>("[role=row]") : undefined;
    if (!row || event.altKey) return;
    if (event.key === "Escape" && props.chosen?.size) props.onChoose?.(new Set());
    const act = actionOf(event, row, target);
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function focusHead(box: HTMLElement | null) {
  box?.querySelector<HTMLElement>(`.grid-head :is(${CONTROLS})`)?.focus();
}

/** The row that a key moves to from a row; undefined if it does not move. */
export function indexAfter(key: string, at: number, count: number, page: number): number | undefined {
  const wanted: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const next = wanted[key];
  return next === undefined ? undefined : Math.max(0, Math.min(count - 1, next));
}
