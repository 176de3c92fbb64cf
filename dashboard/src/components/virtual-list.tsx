/** A list of which only the rows in sight are in the page; the next rows are asked for at its end. */

import type { ReactNode } from "react";
import {
  Collection,
  GridList,
  GridListItem,
  GridListLoadMoreItem,
  type GridListProps,
  ListLayout,
  type ListLayoutOptions,
  Virtualizer,
} from "react-aria-components";

interface Props<T>
  extends Pick<GridListProps<object>, "selectionMode" | "selectionBehavior" | "selectedKeys" | "onSelectionChange"> {
  name: string;
  className: string;
  rowClassName: string;
  layout: ListLayoutOptions;
  items: T[];
  /** What, besides its item, a row depends on. */
  dependencies: unknown[];
  keyOf: (item: T) => string;
  textOf: (item: T) => string;
  onAction?: (item: T) => void;
  empty: ReactNode;
  onLoadMore?: () => void;
  isLoading: boolean;
  children: (item: T) => ReactNode;
}

export function VirtualList<T extends object>({
  name,
  className,
  rowClassName,
  layout,
  items,
  dependencies,
  keyOf,
  textOf,
  onAction,
  empty,
  onLoadMore,
  isLoading,
  children,
  ...choosing
}: Props<T>) {
  const act = (key: unknown) => {
    const item = items.find((one) => keyOf(one) === key);
    if (item) onAction?.(item);
  };
  return (
    <Virtualizer layout={ListLayout} layoutOptions={layout}>
      <GridList
        aria-label={name}
        className={className}
        onAction={onAction && act}
        renderEmptyState={() => empty}
        {...choosing}
      >
        <Collection items={items} dependencies={dependencies}>
          {(item: T) => (
            <GridListItem id={keyOf(item)} textValue={textOf(item)} className={rowClassName}>
              {children(item)}
            </GridListItem>
          )}
        </Collection>
        <GridListLoadMoreItem onLoadMore={onLoadMore} isLoading={isLoading}>
          Loading more …
        </GridListLoadMoreItem>
      </GridList>
    </Virtualizer>
  );
}
