import { expect, it } from "vitest";
import { differences, RUN_FIELDS } from "./versions";

const reading = { units: "miles", zone: "UTC", shoes: new Map([["ghost", "Brooks Ghost"]]) } as const;
const run = { distance: 6, duration: 3000, shoe_id: null, name: "Easy", notes: null };

it("says what differs, as a person reads it", () => {
  expect(differences(RUN_FIELDS, run, { ...run, distance: 6.25, shoe_id: "ghost" }, reading)).toEqual([
    { field: "distance", label: "Distance", before: "6.00 mi", after: "6.25 mi" },
    { field: "shoe_id", label: "Shoe", before: "–", after: "Brooks Ghost" },
  ]);
});

it("finds nothing between equals, and compares only what both sides say", () => {
  expect(differences(RUN_FIELDS, run, { ...run, version: 2 }, reading)).toEqual([]);
  expect(differences(RUN_FIELDS, run, { distance: 6 }, reading)).toEqual([]);
});
