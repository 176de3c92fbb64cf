/** Where a list stood when its page was left: the browser's "back" leads there again, a link to its top. */

import { useLayoutEffect, useRef, useState } from "react";
import { newUuid } from "../api/uuid";

export interface Place {
  /** How far it was scrolled, in pixels. */
  top: number;
  /** The key of the row that had the focus last. */
  row: string | undefined;
}

/** The places by the marks that the entries of the browser's history bear. */
const places = new Map<string, Place>();

function mark(): string | undefined {
  return history.state?.list;
}

/** The place to begin at; when the list goes, `now` says where it is. */
export function useKeptPlace(now: () => Place): Place {
  const [{ entry, page, kept }] = useState(() => {
    const entry = mark() ?? newUuid();
    return { entry, page: location.pathname, kept: places.get(entry) };
  });
  const latest = useRef(now);
  useLayoutEffect(() => {
    latest.current = now;
    if (mark() !== entry && location.pathname === page) history.replaceState({ ...history.state, list: entry }, "");
  });
  useLayoutEffect(() => () => void places.set(entry, latest.current()), [entry]);
  return kept ?? { top: 0, row: undefined };
}
