import { useSyncExternalStore } from "react";

function whether(query: string): () => boolean {
  const media = matchMedia(query);
  function subscribe(listener: () => void): () => void {
    media.addEventListener("change", listener);
    return () => media.removeEventListener("change", listener);
  }
  return () => useSyncExternalStore(subscribe, () => media.matches);
}

/** Whether the page is as narrow as a phone; the styles change at the same width. */
export const useNarrow = whether("(width < 720px)");

/** Whether the filters of the log take more than two lines beside the navigation; the styles change at the same width. */
export const useFewFilters = whether("(width < 1200px)");

/** Whether the table of the log has no room there; the styles change at the same width. */
export const useCompact = whether("(width < 1060px)");
