/** Sums of days, for charts. */

import { addDays, type Day, type FirstDay, startOfWeek } from "./days";

export type Grain = "day" | "week" | "month";

/** A figure of the day, week or month that begins then. */
export interface Sum {
  start: Day;
  value: number;
}

/** Each value with the `window` − 1 before it, added up. */
export function rolling(values: number[], window: number): number[] {
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (values[index - window] ?? 0);
    return Math.max(0, sum);
  });
}

/** The sums of weeks that begin where the person's do; the API's own begin on Monday. */
export function byWeek(days: Sum[], first: FirstDay): Sum[] {
  const weeks = new Map<Day, number>();
  for (const { start, value } of days) {
    const week = startOfWeek(start, first);
    weeks.set(week, (weeks.get(week) ?? 0) + value);
  }
  return [...weeks].map(([start, value]) => ({ start, value }));
}

/** The day a year before: of days and weeks with the same weekday, of months with the same date where there is one. */
export function yearBefore(day: Day, grain: Grain): Day {
  if (grain !== "month") return addDays(day, -364);
  const before = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return day.endsWith("-02-29") ? addDays(before, -1) : before;
}

/** The last day of the day, week or month that begins then. */
function lastOf(start: Day, grain: Grain): Day {
  if (grain === "day") return start;
  return grain === "week" ? addDays(start, 6) : addDays(`${addDays(start, 31).slice(0, 7)}-01`, -1);
}

/** The runs of a day, week or month in the log. */
export function logHref(start: Day, grain: Grain): string {
  return `/log?kind=run&start=${start}&end=${lastOf(start, grain)}`;
}
