import { expect, test } from "vitest";
import { nearestPlace, onPlane, roundLength } from "./route";

const ROOM = { width: 300, height: 200, margin: 10 };

test("a route is as broad as it is on the ground, with north up", () => {
  // At 60° north a degree of longitude is half as long as one of latitude.
  const plane = onPlane([60, 60.01, 60.01, 60], [10, 10, 10.02, 10.02], ROOM);
  const [south, north, east] = plane?.places ?? [];
  expect((north?.y ?? 0) < (south?.y ?? 0)).toBe(true);
  const high = (south?.y ?? 0) - (north?.y ?? 0);
  const wide = (east?.x ?? 0) - (north?.x ?? 0);
  expect(wide / high).toBeCloseTo(1, 2);
  expect(high).toBeCloseTo(180, 0);
});

test("it fits into its room, and positions that are not known are gaps", () => {
  const plane = onPlane([52.5, null, 52.6], [13.3, 13.4, 13.9], ROOM);
  expect(plane?.places[1]).toBeNull();
  for (const place of plane?.places ?? []) {
    if (!place) continue;
    expect(place.x).toBeGreaterThanOrEqual(10);
    expect(place.x).toBeLessThanOrEqual(290);
    expect(place.y).toBeGreaterThanOrEqual(10);
    expect(place.y).toBeLessThanOrEqual(190);
  }
});

test("a route over the date line is not torn apart", () => {
  const plane = onPlane([-17, -17, -17], [179.99, -179.99, -179.98], ROOM);
  const xs = plane?.places.map((place) => place?.x ?? 0) ?? [];
  expect(xs).toEqual(xs.toSorted((one, other) => one - other));
  expect(plane?.metresPerPixel).toBeLessThan(20);
});

test("who does not move is in the middle, and without positions there is no route", () => {
  expect(onPlane([52, 52], [13, 13], ROOM)?.places).toEqual([
    { x: 150, y: 100 },
    { x: 150, y: 100 },
  ]);
  expect(onPlane([null, null], [null, null], ROOM)).toBeUndefined();
});

test("the nearest place is found among those that are known", () => {
  expect(nearestPlace([{ x: 0, y: 0 }, null, { x: 10, y: 10 }], { x: 8, y: 7 })).toBe(2);
  expect(nearestPlace([null], { x: 0, y: 0 })).toBeUndefined();
});

test("the scale is a round length", () => {
  expect(roundLength(10, 100, 1)).toEqual({ length: 1000, pixels: 100 });
  expect(roundLength(10, 100, 1609.344).length).toBe(0.5);
});
