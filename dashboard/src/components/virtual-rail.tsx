/** A rail of which only the nodes in sight are in the page; more of them are asked for before one gets there. */

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { RailItem, type RailNode } from "./rail";

/** About how high a node is, in pixels, until it is measured. */
const HEIGHT = 84;
const OVERSCAN = 8;
/** How many nodes before the end of what is loaded the next ones are asked for. */
const AHEAD = 25;

export function VirtualRail({
  nodes,
  name,
  onLoadMore,
}: {
  nodes: RailNode[];
  name: string;
  /** Without it, all are there. */
  onLoadMore?: () => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const [above, setAbove] = useState(0);
  const virtualizer = useWindowVirtualizer({
    count: nodes.length,
    getItemKey: (index) => nodes[index]?.key ?? index,
    estimateSize: () => HEIGHT,
    overscan: OVERSCAN,
    scrollMargin: above,
  });
  // What stands above may become higher while it loads.
  useLayoutEffect(() => setAbove((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
  const end = virtualizer.range?.endIndex ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a failure only scrolling asks again
  useEffect(() => {
    if (end >= nodes.length - AHEAD) onLoadMore?.();
  }, [end, nodes.length]);
  return (
    <ol ref={list} className="rail virtual" aria-label={name} style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const node = nodes[index];
        return (
          node && (
            <RailItem
              key={key}
              node={node}
              place={{ index, of: onLoadMore ? -1 : nodes.length, top: start - above }}
              measure={virtualizer.measureElement}
            />
          )
        );
      })}
    </ol>
  );
}
