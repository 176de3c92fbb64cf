/** Where planned workouts stand, and what moving one changes. */

import type { Planned, SelectionChanges } from "../api/plan";
import type { Day } from "./days";
import { distance, hours, METRES_PER_MILE, type Units } from "./units";

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

/** How far and how long it is planned to be. */
export function plannedSize(planned: Planned, units: Units): string {
  const { planned_distance_meters: metres, planned_duration_hours: length } = planned;
  return [metres !== null && distance(metres / METRES_PER_MILE, units, 1), length !== null && hours(length * 3600)]
    .filter(Boolean)
    .join(" · ");
}

export type Standing = "done" | "missed" | "ahead" | "off";

export function standingOf(planned: Planned, today: Day): Standing {
  if (planned.done) return "done";
  if (planned.workout_type.toLowerCase() === "day off") return "off";
  return planned.selection.isSelected && planned.current_day < today ? "missed" : "ahead";
}
