/** The rows that follow in a long list: asked for before one gets there; where that fails, the list says so at its end. */

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

export function NotLoaded({ failed, onLoadMore }: Following) {
  return (
    <div role="alert" className="not-loaded small">
      <span>This is not all. {failed?.message}</span>
      <Button onPress={onLoadMore}>Try again</Button>
    </div>
  );
}
