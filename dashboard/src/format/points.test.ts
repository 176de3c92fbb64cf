import { expect, test } from "vitest";
import { along, extentOf, multiples, nearest, paces, smoothed, thinned } from "./points";

test("the distance at a point without one is that of the point before", () => {
  const points = { time: [0, 5, 10, 15], distance: [0, null, 30, 29] };
  expect(along(points, "distance")).toEqual([0, 0, 30, 30]);
  expect(along(points, "time")).toEqual([0, 5, 10, 15]);
  expect(along({ ...points, distance: null }, "distance")).toEqual([0, 5, 10, 15]);
});

test("values are averaged with those beside them, and gaps stay gaps", () => {
  expect(smoothed([1, 2, 6, null, 10], 1)).toEqual([1.5, 3, 4, null, 10]);
});

test("a speed is a pace, and whoever stands has none", () => {
  expect(paces([2.5, 2.5, 0.1, null, 2.5], 1000)).toEqual([400, 400, null, null, 400]);
});

test("single outliers do not make the scale", () => {
  const values = [...Array.from({ length: 200 }, (_, index) => 300 + index), 9000];
  expect(extentOf(values)?.[1]).toBeLessThan(510);
  expect(extentOf([null, null])).toBeUndefined();
});

test("ticks are multiples of a round step, as many as there is room for", () => {
  expect(multiples(287, 395, [15, 30, 60], 4)).toEqual([300, 330, 360, 390]);
  expect(multiples(0, 3181, [60, 300, 600, 900], 6)).toEqual([0, 600, 1200, 1800, 2400, 3000]);
  expect(multiples(10, 10, [5], 4)).toEqual([10]);
});

test("a table has the first and the last point, and the others at even distances", () => {
  expect(thinned(3, 60)).toEqual([0, 1, 2]);
  expect(thinned(600, 4)).toEqual([0, 200, 399, 599]);
});

test("the nearest of growing values", () => {
  expect(nearest([0, 10, 20, 30], 14)).toBe(1);
  expect(nearest([0, 10, 20, 30], 99)).toBe(3);
});
