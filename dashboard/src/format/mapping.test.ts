import { expect, test } from "vitest";
import {
  choicesOf,
  headingsOf,
  isSame,
  type Mapping,
  meaningOf,
  missingOf,
  type Proposal,
  tableName,
  withMeaning,
} from "./mapping";

const PROPOSED: Mapping = {
  columns: { date: "Datum", distance: "Strecke (km)", duration: "Zeit" },
  date_order: null,
  distance_unit: "km",
  duration_unit: null,
  clock: "m:ss",
  ascent_unit: null,
  sport: "Run",
};
const EXAMPLE = "04/05/2024: day first 4 May 2024, month first 5 Apr 2024";
const PROPOSAL: Proposal = {
  mapping: PROPOSED,
  left_open: ["date_order"],
  examples: [EXAMPLE],
  headings: ["Datum", "Strecke (km)", "Zeit", "Weg", "", "Weg", "x".repeat(201)],
  rows: [],
};

test("a heading is shown once, and one that no mapping can name is left out", () => {
  expect(headingsOf(PROPOSAL)).toEqual(["Datum", "Strecke (km)", "Zeit", "Weg"]);
  expect(tableName(PROPOSAL)).toBe("Datum, Strecke (km), Zeit and 1 more");
});

test("a column that takes the meaning of another leaves that one unread", () => {
  const mapping = withMeaning(PROPOSED, "Weg", "duration", PROPOSED);

  expect([meaningOf(mapping, "Weg"), meaningOf(mapping, "Zeit")]).toEqual(["duration", ""]);
});

test("a meaning that keys only walk over stays with its column", () => {
  const walked = ["date", "notes"].reduce((now, meaning) => withMeaning(now, "Weg", meaning, PROPOSED), PROPOSED);

  expect(meaningOf(withMeaning(PROPOSED, "Weg", "date", PROPOSED), "Datum")).toBe("");
  expect([meaningOf(walked, "Weg"), meaningOf(walked, "Datum")]).toEqual(["notes", "date"]);
});

test("the unit of a column does not pass to another column, and comes back with its own", () => {
  const other = withMeaning(PROPOSED, "Weg", "distance", PROPOSED);

  expect(other.distance_unit).toBeNull();
  expect(isSame(withMeaning(other, "Strecke (km)", "distance", PROPOSED), PROPOSED)).toBe(true);
});

test("what a person chose stays when the column of something else changes", () => {
  const chosen: Mapping = { ...PROPOSED, date_order: "month", clock: "h:mm" };

  expect(withMeaning(chosen, "Weg", "notes", PROPOSED)).toMatchObject({ date_order: "month", clock: "h:mm" });
});

test("choices are those of the columns that are read, with an example where the file leaves one open", () => {
  const choices = choicesOf(PROPOSED, PROPOSAL).map(({ option, example }) => [option, example]);

  expect(choices).toEqual([
    ["date_order", EXAMPLE],
    ["distance_unit", undefined],
    ["duration_unit", undefined],
    ["clock", undefined],
    ["sport", undefined],
  ]);
});

test("a date, a distance or a duration, and what the file leaves open are needed", () => {
  expect(missingOf(PROPOSED, PROPOSAL)).toEqual(["the order of day and month"]);
  expect(missingOf({ ...PROPOSED, date_order: "day" }, PROPOSAL)).toEqual([]);
  expect(missingOf({ ...PROPOSED, columns: {} }, PROPOSAL)).toEqual([
    "a column with the date",
    "a column with the distance or the duration",
  ]);
});
