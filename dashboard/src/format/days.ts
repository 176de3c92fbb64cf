/** Local days as text ("2025-11-02"), and instants as a person's clock shows them. */

import { remembering } from "./remembering";

export type Day = string;
export type FirstDay = 0 | 1 | 6;

/** The first day of the week, by what the API calls it. */
export const WEEK_STARTS = { monday: 1, sunday: 0, saturday: 6 } as const;

const MS_PER_DAY = 86_400_000;

function formatIn(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
}

const daysIn = remembering((zone: string) => formatIn(zone, { year: "numeric", month: "2-digit", day: "2-digit" }));
const clocksIn = remembering((zone: string) => formatIn(zone, { hour: "2-digit", minute: "2-digit" }));

export function localDay(instant: string | Date, zone: string): Day {
  const [day, month, year] = daysIn(zone).format(new Date(instant)).split("/");
  return `${year}-${month}-${day}`;
}

/** "07:05" */
export function clock(instant: string, zone: string): string {
  return clocksIn(zone).format(new Date(instant));
}

/** "2025-11-02T13:05", as a field for date and time holds it. */
export function localMinute(instant: string | Date, zone: string): string {
  return `${localDay(instant, zone)}T${clock(new Date(instant).toISOString(), zone)}`;
}

/** The instant of a wall clock's minute in a zone, as ISO 8601 in UTC. Of a minute that a change of clocks doubles, the first. */
export function toInstant(minute: string, zone: string): string {
  const wanted = Date.parse(`${minute}:00Z`);
  const shown = (instant: number) => Date.parse(`${localMinute(new Date(instant), zone)}:00Z`);
  const offsets = [wanted - MS_PER_DAY, wanted + MS_PER_DAY].map(
    (instant) => shown(instant) - Math.floor(instant / 60_000) * 60_000,
  );
  const candidates = offsets.map((offset) => wanted - offset).filter((instant) => shown(instant) === wanted);
  return new Date(candidates.length > 0 ? Math.min(...candidates) : wanted - (offsets[0] ?? 0)).toISOString();
}

function utc(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The day that a text names, if it names one of a year that the API knows. */
export function dayOf(text = ""): Day | undefined {
  const date = /^(19|20|21)\d\d-\d\d-\d\d$/.test(text) ? utc(text) : undefined;
  return date && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : undefined;
}

export function addDays(day: Day, count: number): Day {
  return new Date(utc(day).getTime() + count * MS_PER_DAY).toISOString().slice(0, 10);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((utc(to).getTime() - utc(from).getTime()) / MS_PER_DAY);
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return utc(day).getUTCDay();
}

export function startOfWeek(day: Day, first: FirstDay): Day {
  return addDays(day, -((weekday(day) - first + 7) % 7));
}

type Style = "short" | "long" | "weekday" | "date" | "day" | "month" | "year";

const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  short: { day: "numeric", month: "short", year: "numeric" },
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
  date: { day: "numeric", month: "short" },
  day: { weekday: "short" },
  month: { month: "short", year: "numeric" },
  year: { year: "numeric" },
};

const formatOf = remembering((style: Style) => formatIn("UTC", STYLES[style]));

/** "2 Nov 2025", "Sunday 2 November 2025", "Sun 2 Nov", "2 Nov", "Sun", "Nov 2025", "2025" */
export function showDay(day: Day, style: Style = "short"): string {
  return formatOf(style).format(utc(day)).replaceAll(",", "");
}

/** "Sun 2 Nov", of another year "2 Nov 2025" */
export function shortDay(day: Day, today: Day): string {
  return showDay(day, day.slice(0, 4) === today.slice(0, 4) ? "weekday" : "short");
}

/** "Sun 2 Nov 2025, 07:05" */
export function showInstant(instant: string, zone: string): string {
  const day = localDay(instant, zone);
  return `${showDay(day, "day")} ${showDay(day)}, ${clock(instant, zone)}`;
}

const OFFSET = /^([+-])(\d\d):(\d\d)$/;
const PLACE = /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/(?:.*\/)?(.+)$/;

/** The minutes of an offset from UTC such as "+05:30"; nothing for a zone with a name. */
function minutesOf(zone: string): number | null {
  const [, sign, hours, minutes] = OFFSET.exec(zone) ?? [];
  return sign ? Number(`${sign}1`) * (60 * Number(hours) + Number(minutes)) : null;
}

/** Minutes by which the clocks of a zone are ahead of UTC; nothing for one that the browser does not know. */
function offsetAt(instant: string, zone: string): number | null {
  const minutes = minutesOf(zone);
  if (minutes !== null) return minutes;
  try {
    return Date.parse(`${localMinute(instant, zone)}:00Z`) / 60_000 - Math.floor(Date.parse(instant) / 60_000);
  } catch {
    return null;
  }
}

/** "UTC+9", "UTC−3:30", "UTC" */
function offsetText(minutes: number): string {
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** A zone by name or as "+05:30", as one reads it: "America/New York", "UTC+5:30" */
export function zoneText(zone: string): string {
  const minutes = minutesOf(zone);
  return minutes === null ? zone.replaceAll("_", " ") : offsetText(minutes);
}

/** "07:12 in Tokyo (UTC+9)": what clocks showed where it began, with the day if that is another one; nothing where they showed what the person's do. */
export function clockThere(instant: string, place: string, zone: string): string | null {
  const there = offsetAt(instant, place);
  if (there === null || there === offsetAt(instant, zone)) return null;
  const shown = new Date(Date.parse(instant) + there * 60_000).toISOString();
  const [day, time] = [shown.slice(0, 10), shown.slice(11, 16)];
  const city = PLACE.exec(place)?.[1]?.replaceAll("_", " ");
  const when = day === localDay(instant, zone) ? time : `${showDay(day, "weekday")}, ${time}`;
  return `${when}${city ? ` in ${city}` : ""} (${offsetText(there)})`;
}

/** "just now", "5 minutes ago", "yesterday", then the day. */
export function ago(instant: string, zone: string, now = new Date()): string {
  const minutes = Math.floor((now.getTime() - new Date(instant).getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const days = daysBetween(localDay(instant, zone), localDay(now, zone));
  if (days === 0) return `today, ${clock(instant, zone)}`;
  if (days === 1) return `yesterday, ${clock(instant, zone)}`;
  return showDay(localDay(instant, zone));
}

export const PERIODS = {
  "7": "7 days",
  "14": "14 days",
  "30": "30 days",
  "90": "90 days",
  "365": "365 days",
  month: "This month",
  "last-month": "Last month",
  year: "This year",
  "last-year": "Last year",
  all: "All time",
} as const;

export type Period = keyof typeof PERIODS;
export const PERIOD_NAMES = Object.keys(PERIODS) as Period[];

/** First and last day of a period that today lies in or follows; nothing of all time. */
export function rangeOf(period: Period, today: Day): { start?: Day; end?: Day } {
  const year = Number(today.slice(0, 4));
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  switch (period) {
    case "all":
      return {};
    case "month":
      return { start: firstOfMonth, end: today };
    case "last-month": {
      const last = addDays(firstOfMonth, -1);
      return { start: `${last.slice(0, 7)}-01`, end: last };
    }
    case "year":
      return { start: `${year}-01-01`, end: today };
    case "last-year":
      return { start: `${year - 1}-01-01`, end: `${year - 1}-12-31` };
    default:
      return { start: addDays(today, 1 - Number(period)), end: today };
  }
}
