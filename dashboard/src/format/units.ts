/** What the API says in miles, seconds and pounds, in the units that a person reads. */

import { remembering } from "./remembering";

export type Units = "miles" | "kilometres";

const KILOMETRES_PER_MILE = 1.609344;
export const METRES_PER_MILE = 1609.344;

export const UNIT = { miles: "mi", kilometres: "km" } as const;

export function fromMiles(miles: number, units: Units): number {
  return units === "miles" ? miles : miles * KILOMETRES_PER_MILE;
}

/** Miles of what was typed; of a figure that was not changed, exactly those that it was made of. */
export function toMiles(distance: number, units: Units): number {
  return units === "miles" ? distance : Number((distance / KILOMETRES_PER_MILE).toFixed(6));
}

const formatOf = remembering(
  (digits: number) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

export function number(value: number, digits: number): string {
  return formatOf(digits).format(value);
}

/** "6.21 mi" */
export function distance(miles: number, units: Units, digits = 2): string {
  return `${number(fromMiles(miles, units), digits)} ${UNIT[units]}`;
}

/** Metres of a mile or kilometre. */
export const METRES_PER: Record<Units, number> = { miles: METRES_PER_MILE, kilometres: 1000 };

const FEET_PER_METRE = 1 / 0.3048;

export const HEIGHT_UNIT = { miles: "ft", kilometres: "m" } as const;

/** Feet for those who read miles, else metres. */
export function fromMetres(metres: number, units: Units): number {
  return units === "miles" ? metres * FEET_PER_METRE : metres;
}

/** Metres of what was typed. */
export function toMetres(height: number, units: Units): number {
  return units === "miles" ? Number((height / FEET_PER_METRE).toFixed(3)) : height;
}

/** "276 ft", "84 m" */
export function climb(metres: number, units: Units, digits = 0): string {
  return `${number(fromMetres(metres, units), digits)} ${HEIGHT_UNIT[units]}`;
}

/** In what a cadence is read, and how often it counts what the API counts: steps of one foot, or turns. */
export const CADENCE = {
  runs: { unit: "steps/min", times: 2 },
  workouts: { unit: "rpm", times: 1 },
} as const;

/** "164 steps/min", "84 rpm" */
export function cadence(turns: number, noun: keyof typeof CADENCE, digits = 0): string {
  const { unit, times } = CADENCE[noun];
  return `${number(times * turns, digits)} ${unit}`;
}

/** "53:00", "1:02:05"; whole seconds, or "53:00.4" with a digit. */
export function duration(seconds: number, digits = 0): string {
  const rounded = Number(seconds.toFixed(digits));
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor((rounded % 3600) / 60);
  const rest = (rounded % 60).toFixed(digits).padStart(digits > 0 ? 3 + digits : 2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** "38 h 12 min", for totals. */
export function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${number(Math.floor(minutes / 60), 0)} h ${minutes % 60} min`;
}

/** "8:32 /mi"; nothing without a distance or a duration. */
export function pace(seconds: number, miles: number, units: Units): string {
  return miles > 0 && seconds > 0 ? `${duration(seconds / fromMiles(miles, units))} /${UNIT[units]}` : "–";
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count, 0)} ${count === 1 ? one : many}`;
}

/** "+0:12", "−1:05": how much longer or shorter. */
export function signedDuration(seconds: number): string {
  return `${Math.round(seconds) < 0 ? "−" : "+"}${duration(Math.abs(seconds))}`;
}
