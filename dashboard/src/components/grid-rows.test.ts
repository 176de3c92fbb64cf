import { expect, test } from "vitest";
import { type DrawnRow, drawnAfter } from "./grid-rows";

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ key: `row ${from + n}`, index: from + n, start: 44 * (from + n) }));
const indexes = (drawn: DrawnRow[]) => drawn.map(({ index }) => index);
const slots = (drawn: DrawnRow[]) => drawn.map(({ slot }) => slot);

test("a frame draws only so many new rows, and the next ones the others", () => {
  const first = drawnAfter([], rows(0, 10), 6);
  expect(indexes(first)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(indexes(drawnAfter(first, rows(0, 10), 6))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a row that comes into sight takes the element of one that left", () => {
  const first = drawnAfter([], rows(0, 4), 4);
  const next = drawnAfter(first, rows(2, 6), 4);
  expect(indexes(next)).toEqual([2, 3, 4, 5]);
  expect(slots(next)).toEqual([2, 3, 0, 1]);
});

test("rows that left stay until those in sight are drawn, so that their elements can be taken", () => {
  const first = drawnAfter([], rows(0, 4), 4);
  const fast = drawnAfter(first, rows(100, 104), 0);
  expect(indexes(fast)).toEqual([0, 1, 2, 3]);
  const half = drawnAfter(fast, rows(100, 104), 2);
  expect(indexes(half)).toEqual([100, 101, 2, 3]);
  const whole = drawnAfter(half, rows(100, 104), 2);
  expect(indexes(whole)).toEqual([100, 101, 102, 103]);
  expect(new Set(slots(whole))).toEqual(new Set([0, 1, 2, 3]));
});

test("the row with the focus is drawn at once, and after a jump the elements are in the order of the rows", () => {
  let drawn = drawnAfter([], rows(0, 10), 10);
  drawn = drawnAfter(drawn, rows(90, 100), 0, "row 99");
  expect(drawn.find(({ key }) => key === "row 99")?.slot).toBe(9);
  for (let frame = 0; frame < 3; frame++) drawn = drawnAfter(drawn, rows(90, 100), 4);
  expect(indexes(drawn)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  expect(slots(drawn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("each row has an element of its own", () => {
  let drawn = drawnAfter([], rows(0, 3), 3);
  for (const from of [1, 5, 6, 30, 2, 0]) {
    drawn = drawnAfter(drawn, rows(from, from + 5), 3);
    expect(new Set(slots(drawn)).size).toBe(drawn.length);
  }
});
