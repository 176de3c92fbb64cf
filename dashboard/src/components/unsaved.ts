/** What somebody typed or chose in a dialog, and would lose with it. */

import { createContext, type RefObject, useContext, useEffect, useRef } from "react";

type IsChanged = () => boolean;

/** What a dialog asks before it goes away unanswered; null outside of dialogs. */
export const Unsaved = createContext<Set<IsChanged> | null>(null);

/** Has the dialog ask before it goes away while `isChanged` says that something would be lost. */
export function useUnsaved(isChanged: IsChanged): void {
  const asked = useContext(Unsaved);
  const latest = useRef(isChanged);
  latest.current = isChanged;
  useEffect(() => {
    const ask = () => latest.current();
    asked?.add(ask);
    return () => {
      asked?.delete(ask);
    };
  }, [asked]);
}

/** The same for a form, whose fields are compared with what they were when it came. */
export function useUnsavedForm(form: RefObject<HTMLFormElement | null>): void {
  const before = useRef("");
  useEffect(() => {
    before.current = contentOf(form.current);
  }, [form]);
  useUnsaved(() => contentOf(form.current) !== before.current);
}

function contentOf(form: HTMLFormElement | null): string {
  return form ? JSON.stringify([...new FormData(form)]) : "";
}
