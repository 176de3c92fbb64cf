import { expect, it } from "vitest";
import { formWord, signed } from "./load";
import { byWeek, rolling, yearBefore } from "./series";

const VALUES = [1, 2, 0, 4];
const days = VALUES.map((value, index) => ({ start: `2025-11-0${index + 1}`, value }));

it("adds up the latest days", () => {
  expect(rolling(VALUES, 2)).toEqual([1, 3, 2, 4]);
  expect(rolling(VALUES, 7)).toEqual([1, 3, 3, 7]);
});

it("adds up weeks from the day on which they begin", () => {
  expect(byWeek(days, 1)).toEqual([
    { start: "2025-10-27", value: 3 },
    { start: "2025-11-03", value: 4 },
  ]);
  expect(byWeek(days, 0).map(({ value }) => value)).toEqual([1, 6]);
});

it("finds the day a year before, with the same weekday or the same date", () => {
  expect(yearBefore("2026-11-30", "day")).toBe("2025-12-01");
  expect(yearBefore("2026-11-30", "month")).toBe("2025-11-30");
  expect(yearBefore("2024-02-29", "month")).toBe("2023-02-28");
});

it("says in a word what the form is", () => {
  expect([20, 6, 0, -6, -40].map(formWord)).toEqual(["rested", "fresh", "balanced", "productive", "overreaching"]);
  expect([signed(-5.6), signed(3.2), signed(0.2)]).toEqual(["−6", "+3", "0"]);
});
