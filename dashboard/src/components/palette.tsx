/** Ctrl-K: pages and actions by name. */

import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { PAGES } from "../pages";
import { setPreferences } from "../preferences";
import { Dialog } from "./dialog";
import { Icon, type IconName } from "./icons";
import { logOut } from "./log-out";

interface Item {
  name: string;
  icon: IconName;
  run: () => void;
}

function useItems(): Item[] {
  const [, go] = useLocation();
  return [
    ...PAGES.map(({ name, icon, path }): Item => ({ name, icon, run: () => go(path) })),
    { name: "Add run", icon: "plus", run: () => go("/log?add=run") },
    { name: "Import a file", icon: "file", run: () => go("/changes?import=yes") },
    { name: "Trash", icon: "log", run: () => go("/log?kind=run&trash=yes") },
    { name: "Light theme", icon: "settings", run: () => setPreferences({ theme: "light" }) },
    { name: "Dark theme", icon: "settings", run: () => setPreferences({ theme: "dark" }) },
    { name: "Theme of the system", icon: "settings", run: () => setPreferences({ theme: "system" }) },
    { name: "Log out", icon: "close", run: () => void logOut() },
  ];
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useItems().filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  const choose = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  function press(key: string): boolean {
    if (key === "Enter") choose(found[at]);
    else if (key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else return false;
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
    return true;
  }
  return (
    <Dialog title="Find" onClose={onClose}>
      <input
        className="input"
        type="search"
        role="combobox"
        aria-label="Find a page or an action"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${at}`}
        placeholder="Page or action"
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => press(event.key) && event.preventDefault()}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label="Found" ref={list}>
        {found.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
          <div
            key={item.name}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onClick={() => choose(item)}
          >
            <Icon name={item.icon} />
            {item.name}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="quiet">Nothing is called that.</p>}
    </Dialog>
  );
}
