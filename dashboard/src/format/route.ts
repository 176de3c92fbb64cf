/** A route drawn on a plane: as broad as it is on the ground, with north up. */

export interface Place {
  x: number;
  y: number;
}

export interface Plane {
  /** The place of each point; null where the position is not known. */
  places: (Place | null)[];
  metresPerPixel: number;
}

interface Room {
  width: number;
  height: number;
  margin: number;
}

type Column = (number | null)[];

const METRES_PER_DEGREE = 111_195;
/** No closer than this, so that a walk through a room does not fill the drawing. */
const LEAST_METRES = 100;
const LENGTHS = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000];

/** Positions in degrees on a plane of this size, as large as they fit; undefined without any position. */
export function onPlane(lat: Column, lon: Column, { width, height, margin }: Room): Plane | undefined {
  const known = lat.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  const middle = (Math.min(...known) + Math.max(...known)) / 2;
  const narrower = Math.cos((middle * Math.PI) / 180);
  const east = unwrapped(lon).map((value) => (value === null ? null : value * narrower * METRES_PER_DEGREE));
  const north = lat.map((value) => (value === null ? null : value * METRES_PER_DEGREE));
  const [left, right] = ends(east);
  const [bottom, top] = ends(north);
  const metresPerPixel = Math.max(
    Math.max(right - left, LEAST_METRES) / Math.max(1, width - 2 * margin),
    Math.max(top - bottom, LEAST_METRES) / Math.max(1, height - 2 * margin),
  );
  const places = east.map((x, index) => {
    const y = north[index] ?? null;
    if (x === null || y === null) return null;
    return {
      x: tenths(width / 2 + (x - (left + right) / 2) / metresPerPixel),
      y: tenths(height / 2 - (y - (bottom + top) / 2) / metresPerPixel),
    };
  });
  return { places, metresPerPixel };
}

/** More digits only make the drawing longer. */
function tenths(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** Longitudes without the jump of 360 degrees at the date line. */
function unwrapped(lon: Column): Column {
  let before: number | null = null;
  return lon.map((value) => {
    if (value === null) return null;
    const turned: number = before === null ? value : value + 360 * Math.round((before - value) / 360);
    before = turned;
    return turned;
  });
}

function ends(values: Column): [number, number] {
  const known = values.filter((value) => value !== null);
  return [Math.min(...known), Math.max(...known)];
}

/** The place that is nearest to another. */
export function nearestPlace(places: (Place | null)[], { x, y }: Place): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  places.forEach((place, index) => {
    const away = place ? (place.x - x) ** 2 + (place.y - y) ** 2 : least;
    if (away < least) [best, least] = [index, away];
  });
  return best;
}

/** The longest round length that takes at most so many pixels: in metres, or in a unit of so many metres. */
export function roundLength(metresPerPixel: number, mostPixels: number, metresPerUnit: number) {
  const inUnits = metresPerUnit === 1 ? LENGTHS : LENGTHS.map((length) => length / 1000);
  const length = inUnits.findLast((one) => (one * metresPerUnit) / metresPerPixel <= mostPixels) ?? inUnits[0] ?? 1;
  return { length, pixels: (length * metresPerUnit) / metresPerPixel };
}
