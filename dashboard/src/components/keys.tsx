/** Keys that work without a field in focus: one, two after each other ("g l"), or with Control. */

import { useEffect, useRef } from "react";
import { PAGES } from "../pages";
import { Button } from "./button";
import { Dialog } from "./dialog";

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

const EVERYWHERE: [string, string][] = [
  ["?", "This list"],
  ["Ctrl K", "Find a page or an action"],
  ["/", "Search"],
];

const IN_THE_LOG: [string, string][] = [
  ["j  k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["e", "Edit the run in focus"],
  ["a", "Add a run"],
];

export function KeysList({ onClose }: { onClose: () => void }) {
  const pages = PAGES.map((page): [string, string] => [`g  ${page.key}`, page.name]);
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className="keys">
        <Keys name="Everywhere" keys={EVERYWHERE} />
        <Keys name="Pages" keys={pages} />
        <Keys name="In the log" keys={IN_THE_LOG} />
      </div>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function Keys({ name, keys }: { name: string; keys: [string, string][] }) {
  return (
    <section>
      <h3>{name}</h3>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split("  ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
