/** The log's rows: a grid with columns, or where they do not fit one of two lines a row; rows can be chosen. */

import { type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import { useLocation } from "wouter";
import { localDay, shortDay, showDay } from "../format/days";
import { distance, duration, pace, type Units } from "../format/units";
import { usePerson } from "../person";
import type { Entry } from "./entries";
import type { Following } from "./following";
import { Cell, Grid } from "./grid";
import { KINDS, KindSign } from "./icons";
import { useCompact, useNarrow } from "./narrow";
import { useRowKeys } from "./row-keys";
import { ShoeMenu } from "./shoe-menu";

/** What the list is sorted by. */
export interface Sort {
  by: string;
  ascending: boolean;
}

export interface EntriesProps extends Following {
  entries: Entry[];
  empty: ReactNode;
  sort: Sort;
  onSort: (sort: Sort) => void;
  chosen: ReadonlySet<string>;
  onChoose?: (chosen: ReadonlySet<string>) => void;
  /** Whether the rows are runs alone, with their shoes. */
  runs: boolean;
  /** What stands at the end of each row; in rows of two lines in the place of the figures. */
  actions?: (entry: Entry) => ReactNode;
  onEdit?: (entry: Entry) => void;
}

interface ColumnLook {
  id: string;
  name: string;
  sorts?: boolean;
  look?: "number" | "quiet";
  /** The only lists that have it. */
  of?: "runs" | "others";
}

const COLUMNS: ColumnLook[] = [
  { id: "date", name: "Date", sorts: true, look: "quiet" },
  { id: "title", name: "Activity" },
  { id: "distance", name: "Distance", sorts: true, look: "number" },
  { id: "duration", name: "Time", sorts: true, look: "number" },
  { id: "pace", name: "Pace", sorts: true, look: "number" },
  { id: "heart_rate", name: "Heart rate", sorts: true, look: "number" },
  { id: "trimp", name: "TRIMP", sorts: true, look: "number", of: "runs" },
  { id: "shoes", name: "Shoe", sorts: true, of: "runs" },
  { id: "source", name: "Source", look: "quiet", of: "others" },
];
const ACTIONS: ColumnLook = { id: "actions", name: "Actions" };

export function EntriesTable(props: EntriesProps) {
  const box = useRef<HTMLDivElement>(null);
  useRowKeys(box, props);
  const { by, ascending } = props.sort;
  const order = `${by} ${ascending}`;
  const before = useRef(order);
  useEffect(() => {
    if (before.current === order) return;
    before.current = order;
    // In another order one begins at the top.
    box.current?.querySelector("[role=grid]")?.scrollTo(0, 0);
  }, [order]);
  return <div ref={box}>{useCompact() ? <CompactList {...props} /> : <WideTable {...props} />}</div>;
}

const keyOf = ({ id }: Entry) => id;

function WideTable(props: EntriesProps) {
  const { runs, actions, sort, onSort } = props;
  const { units, zone } = usePerson();
  const [, go] = useLocation();
  const columns = useMemo(
    () => [...COLUMNS.filter(({ of }) => !of || of === (runs ? "runs" : "others")), ...(actions ? [ACTIONS] : [])],
    [runs, actions],
  );
  const draw = useCallback(
    (entry: Entry, choice: ReactNode) => (
      <>
        {choice && <Cell className="cell of-choice">{choice}</Cell>}
        {columns.map(({ id, look = "" }) => (
          <div key={id} role={id === "title" ? "rowheader" : "gridcell"} className={`cell of-${id} ${look}`}>
            {id === "actions" ? actions?.(entry) : shown(entry, id, units, zone)}
          </div>
        ))}
      </>
    ),
    [columns, actions, units, zone],
  );
  const head = (choice: ReactNode) => (
    <>
      {choice && (
        <Cell role="columnheader" className="column of-choice">
          {choice}
        </Cell>
      )}
      {columns.map((column) => (
        <ColumnHeader key={column.id} column={column} sort={sort} onSort={onSort} />
      ))}
    </>
  );
  return (
    <Grid
      {...props}
      name="Activities"
      className={`entries wide ${runs ? "runs" : ""}`}
      rowClassName="entry-row"
      rowHeight={44}
      head={{ height: 36, draw: head }}
      items={props.entries}
      keyOf={keyOf}
      labelOf={labelOf}
      onAction={({ href }) => go(href)}
      draw={draw}
    />
  );
}

function labelOf({ kind, title, detail }: Entry): string {
  return [KINDS[kind].name, title, detail].filter(Boolean).join(" ");
}

function ColumnHeader({ column, sort, onSort }: { column: ColumnLook } & Pick<EntriesProps, "sort" | "onSort">) {
  const { id, name, sorts, look = "" } = column;
  const direction = sort.by === id ? (sort.ascending ? "ascending" : "descending") : "none";
  return (
    <Cell role="columnheader" aria-sort={sorts ? direction : undefined} className={`column of-${id} ${look}`}>
      {sorts ? (
        <button type="button" tabIndex={-1} onClick={() => onSort({ by: id, ascending: direction !== "ascending" })}>
          {name}
          {direction !== "none" && (direction === "ascending" ? " ↑" : " ↓")}
        </button>
      ) : (
        <span className={id === "actions" ? "hidden-label" : undefined}>{name}</span>
      )}
    </Cell>
  );
}

function shown(entry: Entry, column: string, units: Units, zone: string): ReactNode {
  const { miles, seconds, heartRate } = entry;
  switch (column) {
    case "date":
      return showDay(localDay(entry.start, zone));
    case "title":
      return (
        <>
          <KindSign kind={entry.kind} />
          <span className="entry-name">{entry.title}</span> <span className="faint">{entry.detail}</span>
        </>
      );
    case "distance":
      return miles === null ? "" : distance(miles, units);
    case "duration":
      return seconds === null ? "" : duration(seconds);
    case "pace":
      return miles && seconds ? pace(seconds, miles, units) : "";
    case "heart_rate":
      return heartRate === null ? "" : `${Math.round(heartRate)} bpm`;
    case "trimp":
      return entry.trimp === null ? "" : Math.round(entry.trimp);
    case "shoes":
      return entry.run && <ShoeMenu key={entry.id} run={entry.run} title={entry.title} />;
    default:
      return entry.source;
  }
}

function CompactList(props: EntriesProps) {
  const { actions, onChoose } = props;
  const { units, zone, today } = usePerson();
  const narrow = useNarrow();
  const [, go] = useLocation();
  const draw = useCallback(
    (entry: Entry, choice: ReactNode) => (
      <Cell>
        {choice}
        <KindSign kind={entry.kind} />
        <span className="compact-main">
          <span className="entry-name ellipsis">{entry.title}</span>
          <span className="small quiet ellipsis">
            {[shortDay(localDay(entry.start, zone), today), narrow && entry.run?.shoes, entry.detail]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
        {entry.run && !narrow && <ShoeMenu key={entry.id} run={entry.run} title={entry.title} />}
        <span className="compact-figures">
          {actions?.(entry) ?? <CompactFigures entry={entry} units={units} narrow={narrow} />}
        </span>
      </Cell>
    ),
    [actions, units, zone, today, narrow],
  );
  return (
    <Grid
      {...props}
      name="Activities"
      className="entries compact"
      rowClassName="compact-row"
      rowHeight={68}
      items={props.entries}
      keyOf={keyOf}
      labelOf={({ title }) => title}
      onAction={narrow && onChoose ? undefined : ({ href }) => go(href)}
      draw={draw}
    />
  );
}

function CompactFigures({ entry, units, narrow }: { entry: Entry; units: Units; narrow: boolean }) {
  const { miles, seconds, heartRate } = entry;
  const time = seconds === null ? "" : duration(seconds);
  const more = [
    !narrow && miles !== null && time,
    miles && seconds && pace(seconds, miles, units),
    !narrow && heartRate !== null && `${Math.round(heartRate)} bpm`,
  ];
  return (
    <>
      <span className="entry-name">{miles === null ? time : distance(miles, units)}</span>
      <span className="small quiet">{more.filter(Boolean).join(" · ")}</span>
    </>
  );
}
