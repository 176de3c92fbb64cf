/** The rows that follow in a long list; where they cannot be loaded, the list says so at its end. */

import { Button } from "./button";

export interface Following {
  /** Without it, all rows are there. */
  onLoadMore?: () => void;
  isLoading?: boolean;
  /** Why they could not be loaded. */
  failed?: Error | null;
}

interface Asked {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
}

export function followingOf(asked: Asked): Following {
  const isLoading = asked.isFetchingNextPage;
  return {
    onLoadMore: asked.hasNextPage ? () => isLoading || void asked.fetchNextPage() : undefined,
    isLoading,
    failed: asked.isFetchNextPageError && !isLoading ? asked.error : null,
  };
}

/** What stands at the end of a list that does not ask by itself; nothing where all rows are there. */
export function ShowMore(following: Following) {
  const { onLoadMore, isLoading, failed } = following;
  if (failed) return <NotLoaded {...following} />;
  if (!onLoadMore) return null;
  return (
    <Button isPending={isLoading} onPress={onLoadMore}>
      Show more
    </Button>
  );
}

export function NotLoaded({ failed, onLoadMore }: Following) {
  return (
    <div role="alert" className="not-loaded small">
      <span>This is not all. {failed?.message}</span>
      <Button onPress={onLoadMore}>Try again</Button>
    </div>
  );
}
