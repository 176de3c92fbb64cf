/** Sums of days, for charts. */

import { addDays, type Day, type FirstDay, showDay, startOfWeek } from "./days";

export const GRAINS = ["day", "week", "month"] as const;
export type Grain = (typeof GRAINS)[number];

/**
 * How many days, weeks or months the line of a chart is the mean of, and what it is called. Days count as they are, up to
 * today. A week or month that goes on would pull the mean down each time that it begins, and is not among those.
 */
export const MEAN_OF: Record<Grain, { count: number; name: string }> = {
  day: { count: 7, name: "mean of 7 days" },
  week: { count: 4, name: "mean of 4 full weeks" },
  month: { count: 3, name: "mean of 3 full months" },
};

/** A figure of the day, week or month that begins then. */
export interface Sum {
  start: Day;
  value: number;
}

/** The mean of each value and the `count` − 1 before it; of fewer where the values begin, as a log does. */
function means(values: number[], count: number): number[] {
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (values[index - count] ?? 0);
    return Math.max(0, sum) / Math.min(count, index + 1);
  });
}

/** Sums each with the mean up to it, but for weeks and months that are not over. */
export function withMeans<S extends Sum>(sums: S[], grain: Grain, today: Day): (S & { line?: number })[] {
  const lines = means(
    sums.map(({ value }) => value),
    MEAN_OF[grain].count,
  );
  return sums.map((sum, index) => ({ ...sum, line: goesOn(sum.start, grain, today) ? undefined : lines[index] }));
}

/** Whether a week or month is not over, or is still to come. */
function goesOn(start: Day, grain: Grain, today: Day): boolean {
  return grain !== "day" && lastOf(start, grain) >= today;
}

/** How a chart shows the day, week or month that begins then; with the days shown, it says which part of it they are. */
export function periodOf(start: Day, grain: Grain, today: Day, shown: { start?: Day; end?: Day } = {}) {
  const isRunning = goesOn(start, grain, today);
  const end = lastOf(start, grain);
  const part = [
    shown.start && shown.start > start && `from ${showDay(shown.start, "date")}`,
    isRunning ? "so far" : shown.end && shown.end < end && `until ${showDay(shown.end, "date")}`,
  ];
  return {
    key: start,
    name: [NAME_OF[grain](start), ...part].filter(Boolean).join(", "),
    tick: grain === "month" ? showDay(start, "month").replace(" 20", " ’") : showDay(start, "date"),
    isRunning,
  };
}

const NAME_OF: Record<Grain, (start: Day) => string> = {
  day: (start) => showDay(start, "weekday"),
  week: (start) => `week of ${showDay(start)}`,
  month: (start) => showDay(start, "month"),
};

/** Some whole days, weeks or months, and those before them that their means need; open where a range is. */
export interface Span {
  before?: Day;
  start?: Day;
  end?: Day;
}

/** The span of all days, weeks or months in which a range lies. */
export function spanOf({ start, end }: { start?: Day; end?: Day }, grain: Grain, first: FirstDay): Span {
  const begin = start && startOf(start, grain, first);
  return {
    before: begin && earlier(begin, grain, MEAN_OF[grain].count - 1),
    start: begin,
    end: end && lastOf(startOf(end, grain, first), grain),
  };
}

function startOf(day: Day, grain: Grain, first: FirstDay): Day {
  if (grain === "day") return day;
  return grain === "week" ? startOfWeek(day, first) : `${day.slice(0, 7)}-01`;
}

/** The day, week or month that began so many of them before. */
function earlier(start: Day, grain: Grain, count: number): Day {
  if (grain !== "month") return addDays(start, grain === "week" ? -7 * count : -count);
  const months = 12 * Number(start.slice(0, 4)) + Number(start.slice(5, 7)) - 1 - count;
  return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}-01`;
}

/** The sums of weeks that begin where the person's do. */
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
