/** Lists that are needed as a whole. */

const PAGE = 500;

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** All items of a list that comes in pages. */
export async function allPages<T>(ask: (page: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit: PAGE, cursor });
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return items;
}
