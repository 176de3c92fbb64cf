/** Where a list stood when its page was left: the browser's "back" leads there again, a link to its top. */

import { useLayoutEffect, useRef, useState } from "react";

export interface Place {
  /** How far it was scrolled, in pixels. */
  top: number;
  /** The key of the row that had the focus last. */
  row: string | undefined;
}

const places = new Map<string, Place>();
let isBack = false;

// The router draws the page as soon as it hears of this: here it is heard first.
addEventListener(
  "popstate",
  () => {
    isBack = true;
  },
  true,
);
// The router sends this event with each new page.
addEventListener("pushState", () => {
  isBack = false;
});

/** The place to begin at; when the list goes, `now` says where it is. */
export function useKeptPlace(now: () => Place): Place {
  const latest = useRef(now);
  const here = location.pathname + location.search;
  const address = useRef(here);
  useLayoutEffect(() => {
    latest.current = now;
    address.current = here;
  });
  useLayoutEffect(() => () => void places.set(address.current, latest.current()), []);
  const [kept] = useState(() => (isBack ? places.get(here) : undefined));
  return kept ?? { top: 0, row: undefined };
}
