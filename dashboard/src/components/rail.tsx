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
      {nodes.map(({ key, title, meta, body, look = "plain", mark }) => (
        <li key={key} className="rail-node" data-look={look}>
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
      ))}
    </ol>
  );
}
