/** What differs between two versions of a record, field by field. */

import { showInstant } from "./days";
import { setText } from "./strength";
import { distance, duration, type Units } from "./units";

export interface Difference {
  field: string;
  label: string;
  before: string;
  after: string;
}

export interface Reading {
  units: Units;
  zone: string;
  shoes: ReadonlyMap<string, string>;
}

type Show = (value: never, reading: Reading) => string;
type Fields = Record<string, [label: string, show?: Show]>;

export const RUN_FIELDS: Fields = {
  distance: ["Distance", (miles: number, { units }: Reading) => distance(miles, units)],
  duration: ["Duration", (seconds: number) => duration(seconds)],
  datetime_utc: ["Began", (instant: string, { zone }: Reading) => showInstant(instant, zone)],
  avg_heart_rate: ["Heart rate", (rate: number) => `${rate} bpm`],
  type: ["Type"],
  shoe_id: ["Shoe", (id: string, { shoes }: Reading) => shoes.get(id) ?? id],
  name: ["Title"],
  notes: ["Notes"],
  source: ["Source"],
  duplicate_of: ["Duplicate of"],
};

export const SHOE_FIELDS: Fields = {
  name: ["Name"],
  notes: ["Notes"],
  retired_at: ["Retired"],
  retirement_notes: ["Why retired"],
  merged_into: ["Merged into"],
};

export const WORKOUT_FIELDS: Fields = {
  title: ["Title"],
  start_ts: ["Began", (instant: string, { zone }: Reading) => showInstant(instant, zone)],
  end_ts: ["Ended", (instant: string, { zone }: Reading) => showInstant(instant, zone)],
  workout_type: ["Type"],
  calories_burned: ["Calories"],
  notes: ["Notes"],
  finished_at: ["Finished", (instant: string, { zone }: Reading) => showInstant(instant, zone)],
  exercise_executions: ["Sets", (executions: Executions) => executions.map(executionText).join("; ")],
};

type Executions = { exercise_name: string; note: string | null; sets: Parameters<typeof setText>[0][] }[];

function executionText({ exercise_name, note, sets }: Executions[number]): string {
  return `${exercise_name} ${sets.map(setText).join(", ")}${note ? ` (${note})` : ""}`;
}

const NOTHING = "–";

export function show(fields: Fields, field: string, value: unknown, reading: Reading): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  const [, format] = fields[field] ?? [field];
  return format ? format(value as never, reading) : String(value);
}

/** The fields that differ, in the order of `fields`; a field that one side does not say does not count. */
export function differences(fields: Fields, before: object, after: object, reading: Reading): Difference[] {
  const [old, now] = [before, after] as Record<string, unknown>[];
  return Object.keys(fields)
    .filter((field) => old && now && field in old && field in now && !isSame(old[field], now[field]))
    .map((field) => ({
      field,
      label: fields[field]?.[0] ?? field,
      before: show(fields, field, old?.[field], reading),
      after: show(fields, field, now?.[field], reading),
    }));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
