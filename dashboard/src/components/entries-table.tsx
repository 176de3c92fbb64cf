/** The log's rows: a virtual table, on phones a virtual list of two lines each. */

import { type ReactNode, useRef } from "react";
import {
  Cell,
  Collection,
  Column,
  GridList,
  GridListItem,
  GridListLoadMoreItem,
  ListLayout,
  Row,
  type SortDescriptor,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  TableLoadMoreItem,
  Virtualizer,
} from "react-aria-components";
import { useLocation } from "wouter";
import { localDay, showDay } from "../format/days";
import { distance, duration, pace } from "../format/units";
import { type Person, usePerson } from "../person";
import type { Entry } from "./entries";
import { KindSign } from "./icons";
import { useKeys } from "./keys";
import { useNarrow } from "./narrow";

interface Props {
  entries: Entry[];
  empty: ReactNode;
  onLoadMore?: () => void;
  isLoading: boolean;
  sort?: SortDescriptor;
  onSort?: (sort: SortDescriptor) => void;
  actions?: (entry: Entry) => ReactNode;
  /** On phones, what stands in the place of the figures. */
  phoneActions?: (entry: Entry) => ReactNode;
  onEdit?: (entry: Entry) => void;
}

const COLUMNS = [
  { id: "date", name: "Date", width: 112, sorts: true },
  { id: "title", name: "Activity", width: "3fr", minWidth: 200 },
  { id: "distance", name: "Distance", width: 96, sorts: true, number: true },
  { id: "duration", name: "Time", width: 84, sorts: true, number: true },
  { id: "pace", name: "Pace", width: 100, sorts: true, number: true },
  { id: "heart_rate", name: "Heart rate", width: 96, sorts: true, number: true },
  { id: "source", name: "Source", width: 108, sorts: true },
  { id: "actions", name: "Actions", width: 108, hidden: true },
] as const;

export function EntriesTable(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  useRowKeys(box, props);
  return <div ref={box}>{useNarrow() ? <PhoneList {...props} /> : <WideTable {...props} />}</div>;
}

/** j and k move, e edits what is in focus. */
function useRowKeys(box: { current: HTMLDivElement | null }, { entries, onEdit }: Props): void {
  const focused = () =>
    box.current?.querySelector<HTMLElement>("[role=row][data-key]:focus, [role=row][data-key]:focus-within");
  const press = (key: string) => {
    const at = focused();
    if (at) at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    else box.current?.querySelector<HTMLElement>("[role=row][data-key]")?.focus();
  };
  useKeys({
    j: () => press("ArrowDown"),
    k: () => press("ArrowUp"),
    e: () => {
      const entry = entries.find(({ id }) => id === focused()?.dataset.key);
      if (entry) onEdit?.(entry);
    },
  });
}

function WideTable({ entries, empty, onLoadMore, isLoading, sort, onSort, actions }: Props) {
  const person = usePerson();
  const [, go] = useLocation();
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: 44, headingHeight: 36 }}>
      <Table
        aria-label="Activities"
        className="entries"
        sortDescriptor={sort}
        onSortChange={onSort}
        onRowAction={(key) => go(entries.find(({ id }) => id === key)?.href ?? "/log")}
      >
        <TableHeader>
          {COLUMNS.map((column) => (
            <Column
              key={column.id}
              id={column.id}
              isRowHeader={column.id === "title"}
              allowsSorting={Boolean(onSort) && "sorts" in column}
              width={column.width as number}
              className={"number" in column ? "column number" : "column"}
            >
              {({ sortDirection }) => (
                <span className={"hidden" in column ? "hidden-label" : undefined}>
                  {column.name}
                  {sortDirection && (sortDirection === "ascending" ? " ↑" : " ↓")}
                </span>
              )}
            </Column>
          ))}
        </TableHeader>
        <TableBody renderEmptyState={() => empty}>
          <Collection items={entries} dependencies={[person.units, person.zone, actions]}>
            {(entry: Entry) => (
              <Row id={entry.id} className="entry-row" textValue={entry.title}>
                {COLUMNS.map((column) => (
                  <Cell key={column.id} className={"number" in column ? "cell number" : "cell"}>
                    {column.id === "actions" ? actions?.(entry) : shown(entry, column.id, person)}
                  </Cell>
                ))}
              </Row>
            )}
          </Collection>
          <TableLoadMoreItem onLoadMore={onLoadMore} isLoading={isLoading}>
            Loading more …
          </TableLoadMoreItem>
        </TableBody>
      </Table>
    </Virtualizer>
  );
}

function shown(entry: Entry, column: string, { units, zone }: Person): ReactNode {
  const { miles, seconds, heartRate } = entry;
  switch (column) {
    case "date":
      return <span className="quiet">{showDay(localDay(entry.start, zone))}</span>;
    case "title":
      return (
        <span className="entry-title">
          <KindSign kind={entry.kind} />
          <span className="entry-name">{entry.title}</span>
          <span className="faint ellipsis">{entry.detail}</span>
        </span>
      );
    case "distance":
      return miles === null ? "" : distance(miles, units);
    case "duration":
      return seconds === null ? "" : duration(seconds);
    case "pace":
      return miles && seconds ? pace(seconds, miles, units) : "";
    case "heart_rate":
      return heartRate === null ? "" : `${Math.round(heartRate)} bpm`;
    default:
      return <span className="quiet">{entry.source}</span>;
  }
}

function PhoneList({ entries, empty, onLoadMore, isLoading, phoneActions }: Props) {
  const person = usePerson();
  const [, go] = useLocation();
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: 68 }}>
      <GridList
        aria-label="Activities"
        className="entries phone"
        renderEmptyState={() => empty}
        onAction={(key) => go(entries.find(({ id }) => id === key)?.href ?? "/log")}
      >
        <Collection items={entries} dependencies={[person.units, person.zone, phoneActions]}>
          {(entry: Entry) => (
            <GridListItem id={entry.id} textValue={entry.title} className="phone-row">
              <KindSign kind={entry.kind} />
              <span className="phone-main">
                <span className="entry-name ellipsis">{entry.title}</span>
                <span className="small quiet ellipsis">
                  {[showDay(localDay(entry.start, person.zone), "weekday"), entry.detail].filter(Boolean).join(" · ")}
                </span>
              </span>
              <span className="phone-figures">
                {phoneActions?.(entry) ?? <PhoneFigures entry={entry} person={person} />}
              </span>
            </GridListItem>
          )}
        </Collection>
        <GridListLoadMoreItem onLoadMore={onLoadMore} isLoading={isLoading}>
          Loading more …
        </GridListLoadMoreItem>
      </GridList>
    </Virtualizer>
  );
}

function PhoneFigures({ entry: { miles, seconds }, person: { units } }: { entry: Entry; person: Person }) {
  const time = seconds === null ? "" : duration(seconds);
  return (
    <>
      <span className="entry-name">{miles === null ? time : distance(miles, units)}</span>
      <span className="small quiet">{miles && seconds ? pace(seconds, miles, units) : ""}</span>
    </>
  );
}
