/** A page in the navigation. */

import { Link } from "wouter";
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
    </Link>
  );
}
