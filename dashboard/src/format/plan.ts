/** Where planned workouts stand, and what moving one changes. */

import type { Planned, SelectionChanges } from "../api/plan";
import type { Day } from "./days";
import { distance, fromMiles, hours, METRES_PER_MILE, number, type Units } from "./units";

/** A day with a time of day, "" being any; without a time, the workout keeps its own. The tray holds what has no day. */
export type Place = "tray" | { day: Day; time?: string };

export const TIMES = [
  ["", "Any time"],
  ["morning", "Morning"],
  ["afternoon", "Afternoon"],
  ["evening", "Evening"],
] as const;

/** The time of day under which a workout is listed: one of TIMES. */
export function timeOf({ selection }: Planned): string {
  return TIMES.find(([time]) => time === selection.timeOfDay?.toLowerCase())?.[0] ?? "";
}

/** What a move changes in the selection; null when the workout is there already. */
export function changesOfMove(planned: Planned, place: Place): SelectionChanges | null {
  if (place === "tray") return planned.selection.isSelected ? { isSelected: false } : null;
  const changes: SelectionChanges = {};
  if (!planned.selection.isSelected) changes.isSelected = true;
  if (planned.current_day !== place.day) {
    changes.currentPlanDay = place.day === planned.originally_planned_day ? null : place.day;
  }
  if (place.time !== undefined && place.time !== timeOf(planned)) changes.timeOfDay = place.time || null;
  return Object.keys(changes).length > 0 ? changes : null;
}

/** The workout as it stands after a move. */
export function movedTo(planned: Planned, place: Place): Planned {
  const { isSelected = planned.selection.isSelected, timeOfDay = planned.selection.timeOfDay } =
    changesOfMove(planned, place) ?? {};
  const current_day = place === "tray" ? planned.current_day : place.day;
  return { ...planned, current_day, selection: { ...planned.selection, isSelected, timeOfDay } };
}

/** How far and how long it is planned to be. */
export function plannedSize(planned: Planned, units: Units): string {
  const { planned_distance_meters: metres, planned_duration_hours: length } = planned;
  return [metres !== null && distance(metres / METRES_PER_MILE, units, 1), length !== null && hours(length * 3600)]
    .filter(Boolean)
    .join(" · ");
}

/** "6.2 of 6.0 mi · 52 min of 54 min": how far and how long it was, of what was planned. */
export function doneSize(planned: Planned, units: Units): string {
  const { did, planned_distance_meters: metres, planned_duration_hours: length } = planned;
  const size = plannedSize(planned, units);
  if (!did) return size && `plan ${size}`;
  const miles = metres && metres / METRES_PER_MILE;
  return [
    outOf(
      did.distance_miles,
      miles,
      (one) => distance(one, units, 1),
      (one) => number(fromMiles(one, units), 1),
    ),
    outOf(did.duration_seconds, length && length * 3600, hours),
  ]
    .filter(Boolean)
    .join(" · ");
}

type Words = (figure: number) => string;

/** What was done of what was planned; `short` is without the unit, where that follows. */
function outOf(done: number | null, plan: number | null, words: Words, short = words): string {
  if (done === null) return plan === null ? "" : `plan ${words(plan)}`;
  return plan === null ? words(done) : `${short(done)} of ${words(plan)}`;
}

export type Standing = "done" | "missed" | "ahead" | "off";

export function standingOf(planned: Planned, today: Day): Standing {
  if (planned.done) return "done";
  if (planned.workout_type.toLowerCase() === "day off") return "off";
  return planned.selection.isSelected && planned.current_day < today ? "missed" : "ahead";
}
