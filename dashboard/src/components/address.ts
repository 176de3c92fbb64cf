/** What a page shows, kept in its address, so that it can be shared, reloaded and gone back to. */

import { useLocation, useSearch } from "wouter";

export type Address = Record<string, string | undefined>;

export function useAddress(): [Address, (changes: Address) => void] {
  const search = useSearch();
  const [path, go] = useLocation();
  const address: Address = Object.fromEntries(new URLSearchParams(search));
  function change(changes: Address) {
    const next = new URLSearchParams(
      Object.entries({ ...address, ...changes }).filter((entry): entry is [string, string] => Boolean(entry[1])),
    );
    go(next.size > 0 ? `${path}?${next}` : path, { replace: true });
  }
  return [address, change];
}
