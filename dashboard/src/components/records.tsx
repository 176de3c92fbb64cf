/** The records of a changeset, or of what a dry run would change, in a grid. */

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useCallback } from "react";
import { useLocation } from "wouter";
import type { DryRun } from "../api/changes";
import type { ChangedRecord, Noun } from "../api/records";
import { localDay, showDay } from "../format/days";
import { hrefOf, NOUNS } from "../format/records";
import { counted } from "../format/units";
import { changesOf, type Reading } from "../format/versions";
import { type Following, followingOf } from "./following";
import { Cell, Grid } from "./grid";
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

/** Fields that the row says anyway, by its first word; of a new record also by its title and day, and what all have. */
const SAID = ["deleted_at"];
const DAYS = ["datetime_utc", "start_ts", "end_ts", "finished_at", "originally_planned_day"];
const SAID_OF_NEW = [...SAID, ...DAYS, "name", "title", "workout_type", "source"];

interface Props extends Following {
  records: ChangedRecord[];
  empty: ReactNode;
  /** Whether a row leads to its record; not before it exists. */
  leads?: boolean;
}

export function Records({ records, leads = true, ...rest }: Props) {
  const reading = useReading();
  const [, go] = useLocation();
  const draw = useCallback((record: ChangedRecord) => <RecordRow record={record} reading={reading} />, [reading]);
  return (
    <Grid
      {...rest}
      name="Records"
      className="entries records"
      rowClassName="record-row"
      rowHeight={72}
      measured
      items={records}
      keyOf={keyOf}
      labelOf={({ title }) => title}
      onAction={leads ? ({ noun, id }) => go(hrefOf(noun, id as string | number)) : undefined}
      draw={draw}
    />
  );
}

/** The records that a dry run would change; a row leads nowhere before that. */
export function PreviewRecords({
  asked,
  empty,
}: {
  asked: UseInfiniteQueryResult<InfiniteData<DryRun>>;
  empty: string;
}) {
  return (
    <Records
      records={asked.data?.pages.flatMap((page) => page.records?.items ?? []) ?? []}
      {...followingOf(asked)}
      leads={false}
      empty={empty}
    />
  );
}

/** "15 runs, 4 shoes": all records of a dry run by noun; undefined as long as only some of them are loaded. */
export function byNoun(pages: DryRun[] | undefined): string | undefined {
  if (!pages || pages.at(-1)?.records?.next_cursor) return undefined;
  const counts = new Map<Noun, number>();
  for (const { noun } of pages.flatMap(({ records }) => records?.items ?? [])) {
    counts.set(noun, (counts.get(noun) ?? 0) + 1);
  }
  return [...counts].map(([noun, count]) => counted(count, ...lowered(NOUNS[noun]))).join(", ");
}

function lowered([one, many]: readonly [string, string]): [string, string] {
  return [one.toLowerCase(), many.toLowerCase()];
}

function keyOf({ noun, id }: ChangedRecord): string {
  return `${noun} ${String(id)}`;
}

function RecordRow({ record, reading }: { record: ChangedRecord; reading: Reading }) {
  const { noun, title, what, edited_since } = record;
  const said = what === "created" ? SAID_OF_NEW : SAID;
  const changes = Object.fromEntries(Object.entries(record.changes).filter(([field]) => !said.includes(field)));
  return (
    <Cell>
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
    </Cell>
  );
}
