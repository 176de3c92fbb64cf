/** The frame of every page: navigation at the side, on phones at the bottom, and the keys that work everywhere. */

import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { PAGES } from "../pages";
import { usePerson } from "../person";
import { Button } from "./button";
import { Icon } from "./icons";
import { useKeys } from "./keys";
import { overlay } from "./late";
import { logOut } from "./log-out";
import { PageLink, WaitingCount } from "./page-link";
import { ServerMark } from "./server";
import { OldBanner, Underway } from "./states";

const Palette = overlay(() => import("./palette"));
const KeysList = overlay(() => import("./keys-list"));
const More = overlay(() => import("./more"));

type Shown = "palette" | "keys" | "more" | null;

export function Shell({ children }: { children: ReactNode }) {
  const [path, go] = useLocation();
  const [shown, show] = useState<Shown>(null);
  const main = useRef<HTMLElement>(null);
  const close = () => show(null);
  useKeys({
    "?": () => show("keys"),
    "Control+k": () => show("palette"),
    "/": () => focusSearch() || show("palette"),
  });
  useKeys(Object.fromEntries(PAGES.map((page) => [`g ${page.key}`, () => go(page.path)])));
  useFocusOnArrival(path, main);
  return (
    <div className="shell">
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <Sidebar path={path} onShow={show} />
      <div className="shell-main">
        <Underway />
        <OldBanner />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <BottomBar path={path} onShow={show} />
      {shown === "palette" && <Palette onClose={close} />}
      {shown === "keys" && <KeysList onClose={close} />}
      {shown === "more" && <More onClose={close} />}
    </div>
  );
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  field?.focus();
  return field !== null;
}

/** After a change of page the focus is in it, for keyboards and screen readers; not at the first one. */
function useFocusOnArrival(path: string, main: { current: HTMLElement | null }) {
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) {
      before.current = path;
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [path, main]);
}

interface NavigationProps {
  path: string;
  onShow: (shown: Shown) => void;
}

/** It stays as it is while something opens over the page. */
const Sidebar = memo(function Sidebar({ path, onShow }: NavigationProps) {
  const { user } = usePerson();
  return (
    <nav className="sidebar" aria-label="Pages">
      <Link href="/" className="brand">
        fitness
      </Link>
      <button type="button" className="nav-link find" onClick={() => onShow("palette")}>
        <Icon name="search" />
        <span>Find</span>
        <kbd>Ctrl K</kbd>
      </button>
      <ul>
        {PAGES.map((page) => (
          <li key={page.path}>
            <PageLink page={page} path={path} />
          </li>
        ))}
      </ul>
      <ServerMark />
      <div className="sidebar-foot">
        <span className="small quiet ellipsis">{user?.name}</span>
        <Button look="quiet" onPress={() => logOut()}>
          Log out
        </Button>
      </div>
    </nav>
  );
});

const BottomBar = memo(function BottomBar({ path, onShow }: NavigationProps) {
  return (
    <nav className="bottom-bar" aria-label="Main pages">
      {PAGES.filter((page) => page.bar).map((page) => (
        <PageLink key={page.path} page={page} path={path} />
      ))}
      <button type="button" className="nav-link" onClick={() => onShow("more")}>
        <Icon name="more" />
        <span>More</span>
        <WaitingCount />
      </button>
    </nav>
  );
});
