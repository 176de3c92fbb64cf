/** The log's rows: a virtual table, on phones a virtual list of two lines each; rows can be chosen. */

import { type ReactNode, useRef } from "react";
import {
  Cell,
  Checkbox,
  Collection,
  Column,
  Row,
  type Selection,
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
import { useNarrow } from "./narrow";
import { useRowKeys } from "./row-keys";
import { ShoeMenu } from "./shoe-menu";
import { VirtualList } from "./virtual-list";

export interface EntriesProps {
  entries: Entry[];
  empty: ReactNode;
  onLoadMore?: () => void;
  isLoading: boolean;
  sort?: SortDescriptor;
  onSort?: (sort: SortDescriptor) => void;
  chosen: ReadonlySet<string>;
  onChoose?: (chosen: ReadonlySet<string>) => void;
  /** Whether the rows are runs alone, with their shoes. */
  runs: boolean;
  /** What stands at the end of each row; on phones in the place of the figures. */
  actions?: (entry: Entry) => ReactNode;
  onEdit?: (entry: Entry) => void;
}

interface ColumnLook {
  id: string;
  name: string;
  width: number | "3fr";
  sorts?: boolean;
  number?: boolean;
  /** The only lists that have it. */
  of?: "runs" | "others";
}

const COLUMNS: ColumnLook[] = [
  { id: "date", name: "Date", width: 108, sorts: true },
  { id: "title", name: "Activity", width: "3fr" },
  { id: "distance", name: "Distance", width: 92, sorts: true, number: true },
  { id: "duration", name: "Time", width: 80, sorts: true, number: true },
  { id: "pace", name: "Pace", width: 96, sorts: true, number: true },
  { id: "heart_rate", name: "Heart rate", width: 96, sorts: true, number: true },
  { id: "trimp", name: "TRIMP", width: 76, sorts: true, number: true, of: "runs" },
  { id: "shoes", name: "Shoe", width: 176, sorts: true, of: "runs" },
  { id: "source", name: "Source", width: 112, of: "others" },
];
const ACTIONS: ColumnLook = { id: "actions", name: "Actions", width: 100 };

export function EntriesTable(props: EntriesProps) {
  const box = useRef<HTMLDivElement>(null);
  useRowKeys(box, props);
  return <div ref={box}>{useNarrow() ? <PhoneList {...props} /> : <WideTable {...props} />}</div>;
}

function choosing({ entries, chosen, onChoose }: EntriesProps) {
  if (!onChoose) return { selectionMode: "none" as const };
  return {
    selectionMode: "multiple" as const,
    selectionBehavior: "toggle" as const,
    selectedKeys: chosen,
    onSelectionChange: (keys: Selection) =>
      onChoose(new Set(keys === "all" ? entries.map(({ id }) => id) : [...keys].map(String))),
  };
}

function WideTable(props: EntriesProps) {
  const { entries, empty, onLoadMore, isLoading, sort, onSort, runs, actions, onChoose } = props;
  const person = usePerson();
  const [, go] = useLocation();
  const columns = [
    ...COLUMNS.filter(({ of }) => !of || of === (runs ? "runs" : "others")),
    ...(actions ? [ACTIONS] : []),
  ];
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: 44, headingHeight: 36 }}>
      <Table
        aria-label="Activities"
        className="entries"
        sortDescriptor={sort}
        onSortChange={onSort}
        onRowAction={(key) => go(entries.find(({ id }) => id === key)?.href ?? "/log")}
        {...choosing(props)}
      >
        <TableHeader>
          {onChoose && (
            <Column width={40} minWidth={40} className="column">
              <Choice />
            </Column>
          )}
          {columns.map(({ id, name, width, sorts = false, number }) => (
            <Column
              key={id}
              id={id}
              isRowHeader={id === "title"}
              allowsSorting={Boolean(onSort) && sorts}
              width={width}
              className={number ? "column number" : "column"}
            >
              {({ sortDirection }) => (
                <span className={id === "actions" ? "hidden-label" : undefined}>
                  {name}
                  {sortDirection && (sortDirection === "ascending" ? " ↑" : " ↓")}
                </span>
              )}
            </Column>
          ))}
        </TableHeader>
        <TableBody renderEmptyState={() => empty}>
          <Collection items={entries} dependencies={[person.units, person.zone, runs, actions, onChoose]}>
            {(entry: Entry) => (
              <Row id={entry.id} className="entry-row" textValue={entry.title}>
                {onChoose && (
                  <Cell className="cell">
                    <Choice />
                  </Cell>
                )}
                {columns.map(({ id, number }) => (
                  <Cell key={id} className={number ? "cell number" : "cell"}>
                    {id === "actions" ? actions?.(entry) : shown(entry, id, person)}
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

function Choice() {
  return (
    <Checkbox slot="selection" className="choice-box">
      <span aria-hidden="true" />
    </Checkbox>
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
    case "trimp":
      return entry.trimp === null ? "" : Math.round(entry.trimp);
    case "shoes":
      return entry.run && <ShoeMenu run={entry.run} title={entry.title} />;
    default:
      return <span className="quiet">{entry.source}</span>;
  }
}

function PhoneList(props: EntriesProps) {
  const { entries, empty, onLoadMore, isLoading, actions, onChoose } = props;
  const person = usePerson();
  const [, go] = useLocation();
  return (
    <VirtualList
      name="Activities"
      className="entries phone"
      rowClassName="phone-row"
      layout={{ rowHeight: 68 }}
      items={entries}
      dependencies={[person.units, person.zone, actions, onChoose]}
      keyOf={({ id }) => id}
      textOf={({ title }) => title}
      onAction={({ href }) => go(href)}
      empty={empty}
      onLoadMore={onLoadMore}
      isLoading={isLoading}
      {...choosing(props)}
    >
      {(entry) => (
        <>
          {onChoose && <Choice />}
          <KindSign kind={entry.kind} />
          <span className="phone-main">
            <span className="entry-name ellipsis">{entry.title}</span>
            <span className="small quiet ellipsis">
              {[showDay(localDay(entry.start, person.zone), "weekday"), entry.detail].filter(Boolean).join(" · ")}
            </span>
          </span>
          <span className="phone-figures">{actions?.(entry) ?? <PhoneFigures entry={entry} person={person} />}</span>
        </>
      )}
    </VirtualList>
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
