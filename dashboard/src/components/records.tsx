/** The records of a changeset, or of what a dry run would change, as a virtual list. */

import type { ReactNode } from "react";
import {
  Collection,
  GridList,
  GridListItem,
  GridListLoadMoreItem,
  ListLayout,
  Virtualizer,
} from "react-aria-components";
import { useLocation } from "wouter";
import type { ChangedRecord } from "../api/records";
import { localDay, showDay } from "../format/days";
import { hrefOf, NOUNS } from "../format/records";
import { changesOf, type Reading } from "../format/versions";
import { useReading } from "./reading";
import { Summary } from "./summary";
import "../styles/log.css";
import "../styles/history.css";
import "../styles/changes.css";

export const WHAT: Record<ChangedRecord["what"], string> = {
  created: "Added",
  updated: "Changed",
  deleted: "Deleted",
  restored: "Brought back",
};

/** The day of a record; nothing of shoes and exercises. */
export function whenOf({ occurred_at }: { occurred_at: string | null }, zone: string): string {
  if (!occurred_at) return "";
  return showDay(occurred_at.includes("T") ? localDay(occurred_at, zone) : occurred_at);
}

/** Fields that the row says anyway: by its first word, and of a new record by its title and day. */
const SAID = ["deleted_at"];
const SAID_OF_NEW = [...SAID, "datetime_utc", "start_ts", "originally_planned_day", "name", "title"];

interface Props {
  records: ChangedRecord[];
  onLoadMore?: () => void;
  isLoading: boolean;
  empty: ReactNode;
  /** Whether a row leads to its record; not before it exists. */
  leads?: boolean;
}

export function Records({ records, onLoadMore, isLoading, empty, leads = true }: Props) {
  const reading = useReading();
  const [, go] = useLocation();
  const open = (key: unknown) => {
    const record = records.find((one) => keyOf(one) === key);
    if (record) go(hrefOf(record.noun, record.id as string | number));
  };
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ estimatedRowHeight: 72 }}>
      <GridList
        aria-label="Records"
        className="entries records"
        onAction={leads ? open : undefined}
        renderEmptyState={() => empty}
      >
        <Collection items={records} dependencies={[reading.units, reading.zone, reading.shoes]}>
          {(record: ChangedRecord) => (
            <GridListItem id={keyOf(record)} textValue={record.title} className="record-row">
              <RecordRow record={record} reading={reading} />
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

function keyOf({ noun, id }: ChangedRecord): string {
  return `${noun} ${String(id)}`;
}

function RecordRow({ record, reading }: { record: ChangedRecord; reading: Reading }) {
  const { noun, title, what, edited_since } = record;
  const said = what === "created" ? SAID_OF_NEW : SAID;
  const changes = Object.fromEntries(Object.entries(record.changes).filter(([field]) => !said.includes(field)));
  return (
    <>
      <span className="what" data-what={what}>
        {WHAT[what]}
      </span>
      <span className="record-main">
        <span className="entry-name ellipsis">{title}</span>{" "}
        <span className="small quiet">
          {[NOUNS[noun][0], whenOf(record, reading.zone)].filter(Boolean).join(" · ")}
        </span>
        {edited_since && <span className="small edited-since">Edited since</span>}
        <Summary of={changesOf(noun, changes, reading)} />
      </span>
    </>
  );
}
