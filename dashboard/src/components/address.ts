/** What a page shows, kept in its address, so that it can be shared, reloaded and gone back to. */

import { useLocation, useSearch } from "wouter";

export type Address = Record<string, string | undefined>;

function parsed(search: string): Address {
  return Object.fromEntries(new URLSearchParams(search));
}

/** What the address says where it is one of the choices; else what is usual. */
export function oneOf<Choice extends string, Usual>(
  said: string | undefined,
  choices: readonly Choice[],
  usual: Usual,
) {
  return choices.find((choice) => choice === said) ?? usual;
}

export function useAddress(): [Address, (changes: Address) => void] {
  const search = useSearch();
  const [path, go] = useLocation();
  const address = parsed(search);
  function change(changes: Address) {
    // The address may have changed since this was drawn, for example while somebody was typing.
    const next = new URLSearchParams(
      Object.entries({ ...parsed(window.location.search), ...changes }).filter((entry): entry is [string, string] =>
        Boolean(entry[1]),
      ),
    );
    go(next.size > 0 ? `${path}?${next}` : path, { replace: true });
  }
  return [address, change];
}
