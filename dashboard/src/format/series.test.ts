import { expect, it } from "vitest";
import { formWord, signed } from "./load";
import { byWeek, means, spanOf, yearBefore } from "./series";

const VALUES = [1, 2, 0, 4];
const days = VALUES.map((value, index) => ({ start: `2025-11-0${index + 1}`, value }));

it("takes the mean of as many values, and where they begin of those that there are", () => {
  expect(means(VALUES, 2)).toEqual([1, 1.5, 1, 2]);
  expect(means(VALUES, 4)).toEqual([1, 1.5, 1, 1.75]);
});

it("spans whole days, weeks and months, and those before that the first mean needs", () => {
  const range = { start: "2026-01-14", end: "2026-02-10" };
  expect(spanOf(range, "day", 1)).toEqual({ before: "2026-01-08", ...range });
  expect(spanOf(range, "week", 1)).toEqual({ before: "2025-12-22", start: "2026-01-12", end: "2026-02-15" });
  expect(spanOf(range, "week", 0)).toEqual({ before: "2025-12-21", start: "2026-01-11", end: "2026-02-14" });
  expect(spanOf(range, "month", 1)).toEqual({ before: "2025-11-01", start: "2026-01-01", end: "2026-02-28" });
  expect(spanOf({}, "week", 1)).toEqual({ before: undefined, start: undefined, end: undefined });
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
