import { expect, it } from "vitest";
import { changesOf, differences, RUN_FIELDS } from "./versions";

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

const SET = { weight: 100, weight_unit: "kg", reps: 5 };

it("the changes of a workout name its sets one by one", () => {
  const executions = [
    {
      exercise_id: "a",
      exercise_name: "Squat",
      what: "changed",
      changes: {},
      sets: [{ before: SET, after: { ...SET, reps: 6 } }],
    },
    { exercise_id: "b", exercise_name: "Row", what: "added", changes: {}, sets: [{ before: null, after: SET }] },
    { exercise_id: "c", exercise_name: "Curl", what: "moved", changes: { execution_order: [1, 2] }, sets: [] },
  ];
  const changes = { exercise_executions: executions, title: ["Legs", null] };
  expect(changesOf("workouts", changes, reading).map(({ label, before, after }) => [label, before, after])).toEqual([
    ["Title", "Legs", "–"],
    ["Squat", "100 kg × 5", "100 kg × 6"],
    ["Row", "–", "100 kg × 5"],
    ["Curl", "in another place", "moved"],
  ]);
});

it("fields that have no name are left out of the changes", () => {
  expect(changesOf("runs", { distance: [3.1, 3.2], unheard_of: [1, 2] }, reading)).toHaveLength(1);
});
