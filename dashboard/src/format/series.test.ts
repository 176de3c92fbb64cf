import { expect, it } from "vitest";
import { formWord, signed } from "./load";
import { byWeek, periodOf, spanOf, withMeans, yearBefore } from "./series";

const VALUES = [1, 2, 0, 4];
const days = VALUES.map((value, index) => ({ start: `2025-11-0${index + 1}`, value }));

const TODAY = "2026-11-30"; // a Monday

function linesOf(grain: "day" | "week" | "month", ...sums: [start: string, value: number][]) {
  const found = withMeans(
    sums.map(([start, value]) => ({ start, value })),
    grain,
    TODAY,
  );
  return found.map(({ line }) => line);
}

it("takes the mean of as many values, and where they begin of those that there are", () => {
  const values = [10, 20, 0, 40, 40].map((value, index) => [`2026-11-0${index + 1}`, value] as [string, number]);
  expect(linesOf("day", ...values)).toEqual([10, 15, 10, 17.5, 22]);
  const weeks = ["10-05", "10-12", "10-19", "10-26", "11-02"].map((day) => `2026-${day}`);
  expect(linesOf("week", ...weeks.map((week, index) => [week, index] as [string, number]))).toEqual([
    0, 0.5, 1, 1.5, 2.5,
  ]);
});

it("takes means of full weeks and months, and of days up to today", () => {
  expect(linesOf("week", ["2026-11-16", 30], ["2026-11-23", 20], ["2026-11-30", 0])).toEqual([30, 25, undefined]);
  expect(linesOf("week", ["2026-11-24", 20], ["2026-12-01", 0])).toEqual([undefined, undefined]); // ends today
  expect(linesOf("month", ["2026-10-01", 80], ["2026-11-01", 3])).toEqual([80, undefined]);
  expect(linesOf("day", ["2026-11-29", 6], ["2026-11-30", 0])).toEqual([6, 3]);
});

it("says of a week which part of it is shown, and that it goes on", () => {
  const named = (start: string, shown = {}) => periodOf(start, "week", TODAY, shown).name;
  expect(named("2026-11-23")).toBe("week of 23 Nov 2026");
  expect(named("2026-11-30")).toBe("week of 30 Nov 2026, so far");
  expect(named("2026-11-23", { start: "2026-11-25", end: "2026-11-27" })).toBe(
    "week of 23 Nov 2026, from 25 Nov, until 27 Nov",
  );
  expect(named("2026-11-23", { start: "2026-11-23", end: "2026-11-29" })).toBe("week of 23 Nov 2026");
  expect(periodOf("2026-11-30", "day", TODAY).isRunning).toBe(false);
  expect(periodOf("2026-11-01", "month", TODAY)).toMatchObject({ name: "Nov 2026, so far", tick: "Nov ’26" });
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
