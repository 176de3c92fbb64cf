/** Something that waits for a decision, and the keys that decide it. */

import type { ReactNode } from "react";
import { afterWrite } from "../api/queries";
import { Button } from "./button";
import { focusWhereLost } from "./focus";
import { useKeys } from "./keys";
import { say, sayFailure } from "./messages";

/** The keys, each with what it decides; the list of keys shows them, too. */
export const DECIDING = {
  m: "Keep mine",
  t: "Take theirs",
  s: "They are the same",
  d: "They are different",
  r: "Try again",
} as const;

export type DecidingKey = keyof typeof DECIDING;

const ITEM = "[data-decision]";

/** One thing to decide, which j and k move between; its sentence, what it is about, and its answers. */
export function Decision({ name, children, answers }: { name: string; children: ReactNode; answers: ReactNode }) {
  return (
    <li className="decision" data-decision tabIndex={-1} aria-label={name}>
      {children}
      <div className="row">{answers}</div>
    </li>
  );
}

export function DecisionButton({
  by,
  onDecide,
  children,
  look,
}: {
  by: DecidingKey;
  /** Decides; answers what takes it back, if anything does. */
  onDecide: () => Promise<Decided>;
  children?: ReactNode;
  look?: "primary" | "outline";
}) {
  return (
    <Button look={look} data-key={by} aria-keyshortcuts={by} onPress={() => decide(onDecide)}>
      {children ?? DECIDING[by]}
    </Button>
  );
}

export interface Decided {
  text: string;
  undo?: () => Promise<unknown>;
}

/** Decides, says so, and goes on to what waits next. */
async function decide(call: () => Promise<Decided>): Promise<void> {
  const at = items().indexOf(focused() as HTMLElement);
  try {
    const { text, undo } = await call();
    await afterWrite();
    say(text, undo);
    requestAnimationFrame(() => {
      items()[Math.min(Math.max(at, 0), items().length - 1)]?.focus();
      focusWhereLost();
    });
  } catch (error) {
    sayFailure(error);
    // What was shown may have changed meanwhile.
    await afterWrite();
  }
}

const items = () => [...document.querySelectorAll<HTMLElement>(ITEM)];
const focused = () => document.activeElement?.closest<HTMLElement>(ITEM);

/** One key decides what is in focus, or else the first thing that this key can decide. */
export function useDecidingKeys(): void {
  const press = (key: DecidingKey) => {
    const button = (focused() ?? document).querySelector<HTMLElement>(`[data-key="${key}"]`);
    button?.closest<HTMLElement>(ITEM)?.focus();
    button?.click();
  };
  const move = (by: number) => {
    const all = items();
    const at = all.indexOf(focused() as HTMLElement);
    all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  };
  const deciding = (Object.keys(DECIDING) as DecidingKey[]).map((key) => [key, () => press(key)] as const);
  useKeys({ j: () => move(1), k: () => move(-1), ...Object.fromEntries(deciding) });
}
