/** Runs and other activities as rows of one table. */

import type { InfiniteData } from "@tanstack/react-query";
import type { Activity, Page, Run } from "../api/queries";
import { hrefOf } from "../format/records";
import { converted, repsTitle, weight, weightUnit } from "../format/strength";
import { counted, type Units } from "../format/units";
import type { Kind } from "./icons";

export interface Entry {
  id: string;
  kind: Kind;
  href: string;
  start: string;
  title: string;
  detail: string;
  type: string;
  source: string;
  miles: number | null;
  seconds: number | null;
  heartRate: number | null;
  trimp: number | null;
  run?: Run;
}

const KIND_OF: Record<string, Kind> = { STRENGTH: "lift", CARDIO: "cardio", REPS: "reps" };

/** What a workout of a type is called here. */
export function kindOf(type: string): Kind {
  return KIND_OF[type] ?? "cardio";
}

const CALENDAR: Record<string, string> = { synced: "in the calendar", failed: "calendar failed" };

/** Makes the rows of all pages; those of a page that was there before are the same: a long list builds the new ones. */
export function rowsOf<T extends object>(
  make: (item: T) => Entry,
): (data: InfiniteData<Page<T>> | undefined) => Entry[] {
  const known = new WeakMap<Page<T>, Entry[]>();
  function ofPage(page: Page<T>): Entry[] {
    const rows = known.get(page) ?? page.items.map(make);
    known.set(page, rows);
    return rows;
  }
  return (data) => data?.pages.flatMap(ofPage) ?? [];
}

export function ofRun(run: Run): Entry {
  return {
    id: run.id,
    kind: "run",
    href: hrefOf("runs", run.id),
    start: run.datetime_utc,
    title: run.name ?? (run.type === "Treadmill Run" ? "Treadmill run" : "Run"),
    detail: [run.notes, run.source === "Manual" ? "" : run.source, CALENDAR[run.sync_status ?? ""]]
      .filter(Boolean)
      .join(" · "),
    type: run.type,
    source: run.source,
    miles: run.distance,
    seconds: run.duration,
    heartRate: run.avg_heart_rate,
    trimp: run.trimp,
    run,
  };
}

export function ofActivity(activity: Activity, units: Units): Entry {
  const kind = activity.kind === "run" ? "run" : kindOf(activity.type);
  return {
    id: activity.id,
    kind,
    href: hrefOf(kind === "run" ? "runs" : "workouts", activity.id),
    start: activity.start_ts,
    title: activity.title ?? titleOf(kind, activity),
    detail: detailOf(kind, activity, units),
    type: activity.type,
    source: activity.source,
    miles: activity.distance_miles,
    seconds: activity.duration_seconds,
    heartRate: activity.avg_heart_rate,
    trimp: null,
  };
}

function titleOf(kind: Kind, activity: Activity): string {
  if (kind === "reps") return repsTitle(activity.exercise_type);
  return { run: activity.type === "Treadmill Run" ? "Treadmill run" : "Run", lift: "Strength", cardio: "Cardio" }[kind];
}

function detailOf(kind: Kind, { sets, reps, volume_pounds }: Activity, units: Units): string {
  if (kind === "reps") return counted(reps ?? 0, "rep");
  if (kind !== "lift") return "";
  const unit = weightUnit(units);
  const volume = Math.round(converted(volume_pounds ?? 0, "lb", unit));
  return [counted(sets ?? 0, "set"), volume > 0 && weight(volume, unit)].filter(Boolean).join(" · ");
}
