/** What differs between two versions of a record, field by field. */

import type { Noun } from "../api/records";
import { showDay, showInstant, zoneText } from "./days";
import { setText } from "./strength";
import { cadence, climb, distance, duration, hours, METRES_PER_MILE, number, type Units } from "./units";

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

/** A value as a person reads it; `finer` asks for so many more digits. */
type Show = (value: never, reading: Reading, finer: number) => string;
type Fields = Record<string, [label: string, show?: Show]>;

const measure =
  (unit: string) =>
  (value: number, _: unknown, finer = 0) =>
    `${number(value, finer)} ${unit}`.replace(/^-(?=.*[1-9])/, "−").replace("-", "");
const bpm = measure("bpm");
const watts = measure("W");
const degrees = measure("°C");
const kilocalories = measure("kcal");
const time = (seconds: number, _: unknown, finer: number) => duration(seconds, finer);
const planned = (length: number, _: unknown, finer: number) =>
  finer === 0 ? hours(length * 3600) : duration(length * 3600, finer - 1);
const moment = (instant: string, { zone }: Reading, finer: number) =>
  showInstant(instant, zone) + (finer === 0 ? "" : new Date(instant).toISOString().slice(16, finer === 1 ? 19 : 23));

/** Where a time zone came from. */
const ORIGINS: Record<string, string> = {
  provider: "named by the provider",
  file: "named by the file",
  answer: "said at the import",
  account: "of your profile at the import",
  person: "set by hand",
};

const zoneOfStart = ({ name, source = "person" }: { name: string; source?: string }) =>
  `${zoneText(name)}, ${ORIGINS[source] ?? source}`;

export const RUN_FIELDS: Fields = {
  distance: ["Distance", (miles: number, { units }: Reading, finer: number) => distance(miles, units, 2 + finer)],
  duration: ["Duration", time],
  datetime_utc: ["Began", moment],
  time_zone: ["Time zone", zoneOfStart],
  avg_heart_rate: ["Heart rate", (rate: number) => `${rate} bpm`],
  elapsed: ["With pauses", time],
  max_heart_rate: ["Max heart rate", bpm],
  ascent: ["Ascent", (metres: number, { units }: Reading, finer: number) => climb(metres, units, finer)],
  calories: ["Calories", kilocalories],
  avg_cadence: ["Cadence", (turns: number, _: Reading, finer: number) => cadence(turns, "runs", finer)],
  avg_power: ["Power", watts],
  temperature: ["Temperature", degrees],
  device: ["Device"],
  points_id: ["Points", (id: string) => id.slice(0, 8)],
  type: ["Type"],
  shoe_id: ["Shoe", (id: string, { shoes }: Reading) => shoes.get(id) ?? id],
  name: ["Title"],
  notes: ["Notes"],
  source: ["Source"],
  duplicate_of: ["Duplicate of"],
  deleted_at: ["Deleted", moment],
};

export const SHOE_FIELDS: Fields = {
  name: ["Name"],
  notes: ["Notes"],
  retired_at: ["Retired"],
  retirement_notes: ["Why retired"],
  merged_into: ["Merged into"],
  deleted_at: ["Deleted", moment],
};

export const EXERCISE_FIELDS: Fields = {
  name: ["Name"],
  body_part: ["Body part"],
  modality: ["Modality"],
  is_assisted: ["Assisted", (assisted: boolean) => (assisted ? "yes" : "no")],
  notes: ["Notes"],
  merged_into: ["Merged into"],
  deleted_at: ["Deleted", moment],
};

export const PLANNED_FIELDS: Fields = {
  title: ["Title"],
  workout_type: ["Type"],
  planned_distance_meters: [
    "Distance",
    (metres: number, { units }: Reading, finer: number) => distance(metres / METRES_PER_MILE, units, 2 + finer),
  ],
  planned_duration_hours: ["Duration", planned],
  originally_planned_day: ["Day", (day: string) => showDay(day)],
  description: ["What to do"],
  coach_comments: ["Coach"],
  tss: ["TSS"],
  intensity_factor: ["Intensity"],
  is_selected: ["In the plan", (selected: boolean) => (selected ? "yes" : "no")],
  current_plan_day: ["Moved to", (day: string) => showDay(day)],
  time_of_day: ["Time of day"],
  workout_location: ["Where"],
  user_notes: ["Notes"],
  run_id: ["Done by run"],
  workout_id: ["Done by workout"],
  duplicate_of: ["Duplicate of"],
  deleted_at: ["Deleted", moment],
};

export const WORKOUT_FIELDS: Fields = {
  title: ["Title"],
  start_ts: ["Began", moment],
  end_ts: ["Ended", moment],
  time_zone: ["Time zone", zoneOfStart],
  workout_type: ["Type"],
  calories_burned: ["Calories", kilocalories],
  notes: ["Notes"],
  finished_at: ["Finished", moment],
  source: ["Source"],
  duplicate_of: ["Duplicate of"],
  rep_session: ["Repetitions", ({ reps_count }: { reps_count: number }) => String(reps_count)],
  cardio_session: ["Cardio", cardioText],
  device: ["Device"],
  points_id: ["Points", (id: string) => id.slice(0, 8)],
  deleted_at: ["Deleted", moment],
  exercise_executions: [
    "Sets",
    (executions: Executions, _: Reading, finer: number) =>
      executions.map((one) => executionText(one, finer)).join("; "),
  ],
};

type Executions = { exercise_name: string; note: string | null; sets: ShownSet[] }[];

type ShownSet = Parameters<typeof setText>[0] & Record<string, unknown>;

/** What the short words for a set leave out or round. */
const SET_DETAILS: [field: string, name: string][] = [
  ["set_type", ""],
  ["forced_reps", "forced reps"],
  ["rpe", "RPE"],
  ["duration_seconds", "seconds"],
  ["distance_miles", "miles"],
  ["superset_id", "superset"],
  ["note", ""],
];

function setWords(set: ShownSet, finer = 0): string {
  if (finer === 0) return setText(set);
  const said = SET_DETAILS.filter(([field]) => set[field] !== null && set[field] !== undefined);
  const exactly = set.weight === null ? setText(set) : `${set.weight} ${set.weight_unit} × ${set.reps ?? NOTHING}`;
  return [exactly, ...said.map(([field, name]) => `${name} ${set[field]}`.trim())].join(", ");
}

function executionText({ exercise_name, note, sets }: Executions[number], finer: number): string {
  return `${exercise_name} ${sets.map((set) => setWords(set, finer)).join(", ")}${note ? ` (${note})` : ""}`;
}

/** A cardio session; versions of before lack what a device measured. */
interface Cardio {
  distance_miles: number | null;
  duration_seconds: number | null;
  sport?: string | null;
  avg_heart_rate?: number | null;
  max_heart_rate?: number | null;
  ascent?: number | null;
  avg_cadence?: number | null;
  avg_power?: number | null;
  temperature?: number | null;
}

/** What is known of a cardio session, each figure with its name. */
export function cardioFigures(session: Cardio, units: Units, finer = 0): [name: string, value: string][] {
  const figures: [string, string | null | undefined][] = [
    ["Sport", session.sport],
    ["Distance", shown(session.distance_miles, (miles) => distance(miles, units, 2 + finer))],
    ["Duration", shown(session.duration_seconds, (seconds) => duration(seconds, finer))],
    ["Heart rate", shown(session.avg_heart_rate, (rate) => bpm(rate, null, finer))],
    ["Max heart rate", shown(session.max_heart_rate, (rate) => bpm(rate, null, finer))],
    ["Ascent", shown(session.ascent, (metres) => climb(metres, units, finer))],
    ["Cadence", shown(session.avg_cadence, (turns) => cadence(turns, "workouts", finer))],
    ["Power", shown(session.avg_power, (power) => watts(power, null, finer))],
    ["Temperature", shown(session.temperature, (celsius) => degrees(celsius, null, finer))],
  ];
  return figures.filter((figure): figure is [string, string] => Boolean(figure[1]));
}

function shown(value: number | null | undefined, show: (value: number) => string): string | null {
  return value === null || value === undefined ? null : show(value);
}

function cardioText(session: Cardio, { units }: Reading, finer: number): string {
  return (
    cardioFigures(session, units, finer)
      .map(([name, value]) => (NAMED.has(name) ? `${name.toLowerCase()} ${value}` : value))
      .join(", ") || "no figures"
  );
}

/** Figures that their unit alone does not tell apart. */
const NAMED = new Set(["Max heart rate", "Ascent", "Cadence"]);

export const FIELDS_OF: Record<Noun, Fields> = {
  runs: RUN_FIELDS,
  workouts: WORKOUT_FIELDS,
  "planned-workouts": PLANNED_FIELDS,
  exercises: EXERCISE_FIELDS,
  shoes: SHOE_FIELDS,
};

export const NOTHING = "–";

export function show(fields: Fields, field: string, value: unknown, reading: Reading, finer = 0): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  const [, format] = fields[field] ?? [field];
  return format ? format(value as never, reading, finer) : String(value);
}

/** The most digits that are added until two values look different. */
const FINEST = 9;

/** Two values of a field that differ, with enough digits that one sees it. */
function pairOf(fields: Fields, field: string, old: unknown, now: unknown, reading: Reading): Difference {
  const label = fields[field]?.[0] ?? field;
  for (let finer = 0; ; finer++) {
    const [before, after] = [show(fields, field, old, reading, finer), show(fields, field, now, reading, finer)];
    if (before !== after || finer === FINEST) return { field, label, before, after };
  }
}

/** The fields that differ, in the order of `fields`; a field that one side does not say does not count. */
export function differences(fields: Fields, before: object, after: object, reading: Reading): Difference[] {
  const [old, now] = [before, after] as Record<string, unknown>[];
  return Object.keys(fields)
    .filter((field) => old && now && field in old && field in now && !isSame(old[field], now[field]))
    .map((field) => pairOf(fields, field, old?.[field], now?.[field], reading));
}

/** An exercise of a workout between two versions. */
interface ChangedExecution {
  exercise_id: string;
  exercise_name: string;
  what: "added" | "removed" | "moved" | "changed";
  changes: { note?: [string | null, string | null] };
  sets: { before: ShownSet | null; after: ShownSet | null }[];
}

/** The changes that the API names, a pair of values each, in the order of the noun's fields; sets one by one. */
export function changesOf(noun: Noun, changes: Record<string, unknown>, reading: Reading): Difference[] {
  const fields = FIELDS_OF[noun];
  const { exercise_executions, ...pairs } = changes;
  const plain = Object.keys(fields)
    .filter((field) => field in pairs)
    .map((field) => {
      const [before, after] = pairs[field] as [unknown, unknown];
      return pairOf(fields, field, before, after, reading);
    });
  return [...plain, ...((exercise_executions ?? []) as ChangedExecution[]).flatMap(ofExecution)];
}

function ofExecution({ exercise_id, exercise_name, what, changes, sets }: ChangedExecution): Difference[] {
  const line = (part: string, before: string, after: string): Difference => ({
    field: `${exercise_id} ${part}`,
    label: exercise_name,
    before,
    after,
  });
  if (what === "added" || what === "removed") {
    const side = what === "added" ? "after" : "before";
    const words = sets.map((set) => (set[side] ? setWords(set[side]) : "")).join(", ") || "no sets";
    return [what === "added" ? line("", NOTHING, words) : line("", words, NOTHING)];
  }
  const lines = sets.map(({ before, after }, index) => {
    const isAlike = before && after && setText(before) === setText(after);
    const words = (set: ShownSet | null) => (set ? setWords(set, isAlike ? 1 : 0) : NOTHING);
    return line(String(index), words(before), words(after));
  });
  if (changes.note) lines.push(line("note", changes.note[0] ?? NOTHING, changes.note[1] ?? NOTHING));
  return lines.length > 0 ? lines : [line("", "in another place", "moved")];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
