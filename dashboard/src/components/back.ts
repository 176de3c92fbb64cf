/**
 * "Back" closes a dialog instead of leaving the page: each open dialog has an entry of its own in the browser's history,
 * which says in its state how many are open.
 */

import { useEffect, useRef } from "react";
import { type BrowserLocationHook, navigate, useBrowserLocation } from "wouter/use-browser-location";
import { canLeave, stay } from "./unsaved";

/** What closes each open dialog, the first one first. */
const open: (() => void)[] = [];
/** What is to be done once the browser has gone back; undefined while it goes nowhere. */
let afterwards: (() => void)[] | undefined;
/** The address that a page took under a dialog: it stays when the dialog goes. */
let changed: string | undefined;
/** The address that the page shows. */
let shown = location.href;
/** Whether the person said that the page may go, with what was typed. */
let isLeaving = false;

function noted(): number {
  return (history.state as { dialogs?: number } | null)?.dialogs ?? 0;
}

/** Gives each open dialog its entry, and takes away the entries of those that are closed. */
function settle(): void {
  if (afterwards) return;
  while (noted() < open.length) history.pushState({ ...history.state, dialogs: noted() + 1 }, "");
  const more = noted() - open.length;
  if (more === 0) return;
  afterwards = [];
  history.go(-more);
}

/** Later, as one dialog often takes the place of another, and as a page that is gone to takes the place of both. */
function settleSoon(): void {
  setTimeout(settle);
}

/** The page of an address; what a page shows of itself comes after it. */
function pageOf(address: string | URL): string {
  return new URL(address, location.href).pathname;
}

/** Leaves the page by the browser's history, without a question. */
function leaveBack(): void {
  isLeaving = true;
  history.go(-1 - noted());
}

/** Asks about a page that was left; its entry comes again, after the one that the browser went to. */
function comesBack(): boolean {
  if (isLeaving || afterwards || pageOf(shown) === location.pathname || canLeave(leaveBack)) return false;
  history.pushState(null, "", shown);
  settleSoon();
  return true;
}

function arrive(event: Event): void {
  if (comesBack()) {
    event.stopImmediatePropagation();
    return;
  }
  isLeaving = false;
  if (changed) history.replaceState(history.state, "", changed);
  if (noted() === 0) changed = undefined;
  shown = location.href;
  const waiting = afterwards;
  afterwards = undefined;
  if (waiting) for (const go of waiting) go();
  else for (const close of open.slice(noted()).reverse()) close();
  settleSoon();
}

// Before the pages see where they are.
addEventListener("popstate", arrive, { capture: true });
// The page may have been loaded anew while a dialog was open.
settleSoon();

const show: typeof navigate = (to, options) => {
  if (noted() === 0) navigate(to, options);
  else if (options?.replace) {
    navigate(to, { ...options, state: history.state });
    changed = location.href;
  } else {
    changed = undefined;
    navigate(to, { ...options, replace: true });
  }
  shown = location.href;
};

const leaveFor: typeof navigate = (to, options) => {
  show(to, options);
  stay();
};

const go: typeof navigate = (to, options) => {
  if (afterwards) afterwards.push(() => go(to, options));
  else if (pageOf(to) === location.pathname || canLeave(() => leaveFor(to, options))) show(to, options);
};

/** Where the browser is, and the way to other pages: one that is gone to from a dialog takes the dialog's entry. */
export const useLocationOfPage: BrowserLocationHook = (options) => [useBrowserLocation(options)[0], go];

/** Calls `onBack` when somebody goes back while a dialog is open. A dialog that then still is open stays on its page. */
export function useBack(onBack: () => void): void {
  const latest = useRef(onBack);
  latest.current = onBack;
  useEffect(() => {
    const close = () => latest.current();
    open.push(close);
    settleSoon();
    return () => {
      open.splice(open.indexOf(close), 1);
      settleSoon();
    };
  }, []);
}
