/** The version rail: nodes on a hairline, the newest on top. Wherever history is shown, it looks like this. */

import type { ReactNode } from "react";

export interface RailNode {
  key: string;
  title: ReactNode;
  meta: ReactNode;
  body?: ReactNode;
  /** How the node looks: what stands now, an ordinary one, one that took away. */
  look?: "current" | "plain" | "gone" | "undone";
  mark?: ReactNode;
}

export function Rail({ nodes, name }: { nodes: RailNode[]; name: string }) {
  return (
    <ol className="rail" aria-label={name}>
      {nodes.map((node) => (
        <RailItem key={node.key} node={node} />
      ))}
    </ol>
  );
}

interface ItemProps {
  node: RailNode;
  /** Where a node of a list stands that is not in the page as a whole; `of` is -1 if nobody knows how many there are. */
  place?: { index: number; of: number; top: number };
  measure?: (item: HTMLElement | null) => void;
}

export function RailItem({ node: { title, meta, body, look = "plain", mark }, place, measure }: ItemProps) {
  return (
    <li
      ref={measure}
      className="rail-node"
      data-look={look}
      data-index={place?.index}
      aria-posinset={place && place.index + 1}
      aria-setsize={place?.of}
      style={place && { top: place.top }}
    >
      <span className="rail-dot" aria-hidden="true" />
      <div className="rail-content">
        <div className="rail-head">
          <span className="rail-title">{title}</span>
          {mark}
        </div>
        <div className="small quiet">{meta}</div>
        {body}
      </div>
    </li>
  );
}
