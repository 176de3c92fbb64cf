/** A list of what waits for one kind of decision; nothing while nothing waits. */

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { allItems } from "../api/queries";
import { followingOf, ShowMore } from "./following";
import { Panel } from "./page";
import { Failure } from "./states";

interface Props<T> {
  title: string;
  lead: string;
  asked: UseInfiniteQueryResult<InfiniteData<{ items: T[]; next_cursor: string | null }>>;
  children: (item: T) => ReactNode;
}

export function Waiting<T>({ title, lead, asked, children }: Props<T>) {
  if (asked.error && !asked.data) return <Failure error={asked.error} retry={asked.refetch} />;
  const items = allItems(asked.data);
  if (items.length === 0) return null;
  return (
    <Panel title={title}>
      <p className="small quiet">{lead}</p>
      <ul className="decisions">{items.map(children)}</ul>
      <ShowMore {...followingOf(asked)} />
    </Panel>
  );
}
