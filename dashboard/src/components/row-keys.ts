/** The keys of the log's rows: j and k move, x chooses, e edits what is in focus. */

import type { EntriesProps } from "./entries-table";
import { useKeys } from "./keys";

const ROW = "[role=row][data-key]";

export function useRowKeys(
  box: { current: HTMLDivElement | null },
  { entries, chosen, onChoose, onEdit }: EntriesProps,
): void {
  const focused = () => box.current?.querySelector<HTMLElement>(`${ROW}:focus, ${ROW}:focus-within`);
  const press = (key: string) => {
    const at = focused();
    if (at) at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    else box.current?.querySelector<HTMLElement>(`${ROW}[tabindex="0"]`)?.focus();
  };
  useKeys({
    j: () => press("ArrowDown"),
    k: () => press("ArrowUp"),
    x: () => {
      const key = focused()?.dataset.key;
      if (!key) return;
      const next = new Set(chosen);
      if (!next.delete(key)) next.add(key);
      onChoose?.(next);
    },
    e: () => {
      const entry = entries.find(({ id }) => id === focused()?.dataset.key);
      if (entry) onEdit?.(entry);
    },
  });
}
