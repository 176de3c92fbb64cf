/** A page in the navigation. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { inbox, waitingIn } from "../api/inbox";
import type { Page } from "../pages";
import { Icon } from "./icons";

function isCurrent(page: Page, path: string): boolean {
  return page.path === "/" ? path === "/" : path.startsWith(page.path);
}

export function PageLink({ page, path }: { page: Page; path: string }) {
  return (
    <Link href={page.path} className="nav-link" aria-current={isCurrent(page, path) ? "page" : undefined}>
      <Icon name={page.icon} />
      <span>{page.name}</span>
      {page.path === "/inbox" && <WaitingCount />}
    </Link>
  );
}

/** How much waits for a decision. */
export function WaitingCount() {
  const { data } = useQuery(inbox);
  const count = data ? waitingIn(data) : 0;
  if (count === 0) return null;
  return <span className="count-badge">{count}</span>;
}
