/** Keys that work without a field in focus: one, two after each other ("g l"), or with Control. */

import { useEffect, useRef } from "react";

const PAIR_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function useKeys(actions: Record<string, () => void>): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    let first = { key: "", at: 0 };
    function press(event: KeyboardEvent) {
      const held = event.ctrlKey || event.metaKey;
      if (event.altKey || (!held && isTyping(event.target))) return;
      const pair = performance.now() - first.at < PAIR_MS ? `${first.key} ${event.key}` : "";
      first = { key: event.key, at: performance.now() };
      // Behind a dialog nothing moves.
      if (document.querySelector("[role=dialog]")) return;
      const action =
        current.current[held ? `Control+${event.key}` : pair] ?? (held ? undefined : current.current[event.key]);
      if (!action) return;
      event.preventDefault();
      action();
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
