/** Ctrl-K: pages, actions and records by name. */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { useLocation } from "wouter";
import { foundPlanned } from "../api/plan";
import { foundActivities, shoes } from "../api/queries";
import { ownExercises } from "../api/strength";
import { localDay, showDay } from "../format/days";
import { runsIn } from "../format/records";
import { distance } from "../format/units";
import { PAGES } from "../pages";
import { usePerson } from "../person";
import { setTheme } from "../preferences";
import { Afterwards } from "./afterwards";
import { Dialog } from "./dialog";
import { ofActivity } from "./entries";
import { Icon, type IconName } from "./icons";
import { logOut } from "./log-out";

interface Item {
  key: string;
  name: string;
  detail?: string;
  icon: IconName;
  run: () => void;
}

const FEWEST_LETTERS = 2;

function useActions(): Item[] {
  const [, go] = useLocation();
  const theme = (name: string, to: "light" | "dark" | "system"): Item => ({
    key: to,
    name,
    icon: "settings",
    run: () => setTheme(to),
  });
  return [
    ...PAGES.map(({ name, icon, path }): Item => ({ key: path, name, icon, run: () => go(path) })),
    { key: "add", name: "Add run", icon: "plus", run: () => go("/log?add=run") },
    { key: "import", name: "Import a file", icon: "file", run: () => go("/changes") },
    { key: "trash", name: "Trash", icon: "log", run: () => go("/log?trash=yes") },
    theme("Light theme", "light"),
    theme("Dark theme", "dark"),
    theme("Theme of the system", "system"),
    { key: "out", name: "Log out", icon: "close", run: () => void logOut() },
  ];
}

/** Shoes and exercises by name, activities and planned workouts by what their titles and notes say; or why not. */
function useRecords(text: string): { records: Item[]; failure?: Error | null } {
  const [, go] = useLocation();
  const { units, zone, today } = usePerson();
  const searching = text.length >= FEWEST_LETTERS;
  const worn = useQuery({ ...shoes, enabled: searching });
  const exercises = useQuery({ ...ownExercises, enabled: searching });
  const activities = useQuery({ ...foundActivities(text), enabled: searching });
  const planned = useQuery({ ...foundPlanned(text, today), enabled: searching });
  if (!searching) return { records: [] };
  const isNamed = ({ name }: { name: string }) => name.toLowerCase().includes(text);
  const records = [
    ...(worn.data?.items ?? []).filter(isNamed).map(
      ({ id, name, mileage }): Item => ({
        key: `shoe ${id}`,
        name,
        detail: distance(mileage, units, 0),
        icon: "shoes",
        run: () => go(runsIn(id)),
      }),
    ),
    ...(exercises.data ?? []).filter(isNamed).map(
      ({ id, name }): Item => ({
        key: `exercise ${id}`,
        name,
        detail: "Exercise",
        icon: "strength",
        run: () => go(`/strength?exercise=${id}`),
      }),
    ),
    ...(activities.data?.items ?? [])
      .map((one) => ofActivity(one, units))
      .map(
        ({ id, kind, title, detail, start, href }): Item => ({
          key: id,
          name: title,
          detail: [detail, showDay(localDay(start, zone))].filter(Boolean).join(" · "),
          icon: kind,
          run: () => go(href),
        }),
      ),
    ...(activities.data?.next_cursor
      ? [
          {
            key: "more",
            name: `All activities with “${text}”`,
            icon: "log" as const,
            run: () => go(`/log?search=${encodeURIComponent(text)}`),
          },
        ]
      : []),
    ...(planned.data?.items ?? []).map(
      ({ id, title, current_day }): Item => ({
        key: `planned ${id}`,
        name: title,
        detail: `Planned, ${showDay(current_day)}`,
        icon: "plan",
        run: () => go(`/plan?day=${current_day}&planned=${id}`),
      }),
    ),
  ];
  return { records, failure: [worn, exercises, activities, planned].find(({ error }) => error)?.error };
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const wanted = text.trim().toLowerCase();
  const { records, failure } = useRecords(useDeferredValue(wanted));
  const found = [...useActions().filter(({ name }) => name.toLowerCase().includes(wanted)), ...records];
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
        aria-label="Find a page, an action or a record"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] && `palette-${at}`}
        placeholder="Page, action, activity, plan, shoe, exercise"
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => press(event.key) && event.preventDefault()}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label="Found" ref={list}>
        <Afterwards>
          {found.map((item, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
            <div
              key={item.key}
              id={`palette-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              onClick={() => choose(item)}
            >
              <Icon name={item.icon} />
              <span className="palette-name">{item.name}</span>
              {item.detail && <span className="small faint ellipsis">{item.detail}</span>}
            </div>
          ))}
        </Afterwards>
      </div>
      {failure ? (
        <p className="form-error" role="alert">
          Records could not be searched. {failure.message}
        </p>
      ) : (
        found.length === 0 && <p className="quiet">Nothing is called that.</p>
      )}
    </Dialog>
  );
}
