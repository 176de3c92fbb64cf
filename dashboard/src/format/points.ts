/** The points of an activity as charts and tables show them: pure sums on their columns. */

import { quantileSorted } from "d3-array";
import type { Schemas } from "../api/client";

export type Points = Schemas["Points"];
type Column = (number | null)[];

/** Metres a second below which somebody stands: as a pace it would be off any chart. */
const STANDING = 0.5;
/** How many points to each side a speed is averaged over: positions jump by some metres. */
const SMOOTHED = 3;
/** The share of values at each end that a scale leaves out where they would flatten all others. */
const OUTLIERS = 0.02;

/** Metres from the start at each point, or seconds; where none was measured, those of the point before. */
export function along({ time, distance }: Pick<Points, "time" | "distance">, axis: "time" | "distance"): number[] {
  if (axis === "time" || !distance) return time;
  let last = 0;
  return distance.map((metres) => {
    last = Math.max(last, metres ?? last);
    return last;
  });
}

/** The mean of each value and those beside it; none where there is none. */
export function smoothed(values: Column, beside = SMOOTHED): Column {
  return values.map((value, index) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, index - beside), index + beside + 1).filter((one) => one !== null);
    return near.reduce((sum, one) => sum + one, 0) / near.length;
  });
}

/** Seconds for so many metres at each point; none where somebody stands. */
export function paces(speeds: Column, metres: number): Column {
  return smoothed(speeds.map((speed) => (speed !== null && speed > STANDING ? speed : null))).map((speed) =>
    speed === null ? null : metres / speed,
  );
}

/** The least and the greatest value without outliers; undefined without any value. */
export function extentOf(values: Column): [number, number] | undefined {
  const sorted = values.filter((value) => value !== null).sort((one, other) => one - other);
  const low = quantileSorted(sorted, OUTLIERS);
  const high = quantileSorted(sorted, 1 - OUTLIERS);
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** The multiples of a step between two values: of the smallest step that gives at most so many. */
export function multiples(low: number, high: number, steps: readonly number[], most: number): number[] {
  const step = steps.find((one) => Math.floor(high / one) - Math.ceil(low / one) < most) ?? (high - low) / most;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** The places of at most so many of the points, at even distances, the first and the last among them. */
export function thinned(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)));
}

/** The place of the value that is nearest to another, in values that grow. */
export function nearest(values: number[], wanted: number): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if (Math.abs((values[index] ?? 0) - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = index;
  }
  return best;
}
