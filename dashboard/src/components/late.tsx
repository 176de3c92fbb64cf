/** Parts of the dashboard that are not in its first view: fetched when they are needed, or before in a quiet moment. */

import { type ComponentType, lazy, Suspense, useState } from "react";

const loads: (() => Promise<unknown>)[] = [];

/** The part that a module has by default. Once it is there it is drawn at once, where `lazy` alone would wait. */
export function late<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  let there: ComponentType<Props> | undefined;
  async function fetched() {
    const module = await load();
    there = module.default;
    return module;
  }
  const Lazy = lazy(fetched);
  loads.push(fetched);
  // biome-ignore lint/correctness/noComponentHookFactories: called once a module, as `lazy` is
  return function Late(props: Props) {
    const [Part] = useState<ComponentType<Props>>(() => there ?? Lazy);
    return <Part {...props} />;
  };
}

/** Such a part that comes over or beside what is there: nothing stands in its place until then. */
export function overlay<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const Part = late(load);
  // biome-ignore lint/correctness/noComponentHookFactories: called once a module, as `lazy` is
  return function Overlay(props: Props) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}

// Safari has no idle callbacks.
const whenQuiet = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 200));

function fetchNext(): void {
  const load = loads.shift();
  // A part that cannot be fetched now is fetched when it is needed.
  if (load)
    void load()
      .catch(() => undefined)
      .then(() => whenQuiet(fetchNext));
}

/** Fetches all parts one by one as soon as somebody moves, touches or types: the next page is then there at once. */
export function fetchAhead(): void {
  const begin = () => {
    for (const sign of SIGNS) removeEventListener(sign, begin);
    whenQuiet(fetchNext);
  };
  for (const sign of SIGNS) addEventListener(sign, begin, { passive: true });
}

const SIGNS = ["pointermove", "pointerdown", "keydown"];
