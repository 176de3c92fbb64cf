/** What somebody typed or chose, and would lose with its dialog or with the page. */

import { createContext, type RefObject, useContext, useEffect, useRef } from "react";
import { sessionState } from "../api/session";

type IsChanged = () => boolean;

/** What a dialog asks before it goes away unanswered; null outside of dialogs. */
export const Unsaved = createContext<Set<IsChanged> | null>(null);

/** What the browser asks before the page goes away, in dialogs and beside them. */
const ofPage = new Set<IsChanged>();

export function isAnyChanged(asked: ReadonlySet<IsChanged>): boolean {
  return [...asked].some((isChanged) => isChanged());
}

/** Whether the page holds something that would be lost with it. */
function isPageChanged(): boolean {
  // Nothing is lost with a log-in, and for another person the page begins anew without a question.
  return sessionState() !== "out" && isAnyChanged(ofPage);
}

function askBeforeUnload(event: BeforeUnloadEvent): void {
  if (isPageChanged()) event.preventDefault();
}

/** The way away from the page that waits for the person's word. */
let asked: (() => void) | undefined;
const listeners = new Set<() => void>();

function ask(leave: (() => void) | undefined): void {
  asked = leave;
  for (const listener of listeners) listener();
}

/** Whether nothing would be lost with the page; else the person is asked, and `leave` waits for their word. */
export function canLeave(leave: () => void): boolean {
  const isFree = !isPageChanged();
  if (!isFree) ask(leave);
  return isFree;
}

export const stay = () => ask(undefined);

export function wayAsked(): (() => void) | undefined {
  return asked;
}

export function onWayAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function watchPage(ask: IsChanged): () => void {
  if (ofPage.size === 0) addEventListener("beforeunload", askBeforeUnload);
  ofPage.add(ask);
  return () => {
    ofPage.delete(ask);
    if (ofPage.size === 0) removeEventListener("beforeunload", askBeforeUnload);
  };
}

/** Has the dialog and the browser ask before they go away while `isChanged` says that something would be lost. */
export function useUnsaved(isChanged: IsChanged): void {
  const asked = useContext(Unsaved);
  const latest = useRef(isChanged);
  latest.current = isChanged;
  useEffect(() => {
    const ask = () => latest.current();
    const unwatch = watchPage(ask);
    asked?.add(ask);
    return () => {
      asked?.delete(ask);
      unwatch();
    };
  }, [asked]);
}

/** The same for a form, whose fields are compared with what they were when it came, or when it was sent last. */
export function useUnsavedForm(form: RefObject<HTMLFormElement | null>, sent: number): void {
  const before = useRef("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was sent is no longer unsaved
  useEffect(() => {
    before.current = contentOf(form.current);
  }, [form, sent]);
  useUnsaved(() => contentOf(form.current) !== before.current);
}

function contentOf(form: HTMLFormElement | null): string {
  return form ? JSON.stringify([...new FormData(form)]) : "";
}
