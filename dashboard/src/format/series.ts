/** Sums of days, for charts. */

import { addDays, type Day, type FirstDay, startOfWeek } from "./days";

export type Grain = "day" | "week" | "month";

export interface DayMiles {
  start: Day;
  miles: number;
}

/** The miles of each day and of the `window` − 1 days before it, for the days from `from` on. */
export function rollingMiles(days: DayMiles[], window: number): number[] {
  let sum = 0;
  return days.map(({ miles }, index) => {
    sum += miles - (days[index - window]?.miles ?? 0);
    return Math.max(0, sum);
  });
}

/** The miles of weeks that begin where the person's do; the API's own begin on Monday. */
export function byWeek(days: DayMiles[], first: FirstDay): DayMiles[] {
  const weeks = new Map<Day, number>();
  for (const { start, miles } of days) {
    const week = startOfWeek(start, first);
    weeks.set(week, (weeks.get(week) ?? 0) + miles);
  }
  return [...weeks].map(([start, miles]) => ({ start, miles }));
}

/** The day a year before: of days and weeks with the same weekday, of months with the same date where there is one. */
export function yearBefore(day: Day, grain: Grain): Day {
  if (grain !== "month") return addDays(day, -364);
  const before = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return day.endsWith("-02-29") ? addDays(before, -1) : before;
}
