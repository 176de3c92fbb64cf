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

it("values that differ look different, by as many digits as that takes", () => {
  const shown = (changes: Record<string, unknown>) =>
    changesOf("runs", changes, reading).map(({ before, after }) => [before, after]);
  expect(shown({ calories: [587.9, 588.2], avg_cadence: [82, 82.1], duration: [3000, 3000.4] })).toEqual([
    ["50:00.0", "50:00.4"],
    ["587.9 kcal", "588.2 kcal"],
    ["164.0 steps/min", "164.2 steps/min"],
  ]);
  expect(shown({ distance: [3.1, 3.10004], datetime_utc: ["2025-11-02T06:00:00Z", "2025-11-02T06:00:12Z"] })).toEqual([
    ["3.10000 mi", "3.10004 mi"],
    ["Sun 2 Nov 2025, 06:00:00", "Sun 2 Nov 2025, 06:00:12"],
  ]);
});

it("sets that differ in what is rarely said say it", () => {
  const executions = [
    {
      exercise_id: "a",
      exercise_name: "Squat",
      what: "changed",
      changes: {},
      sets: [{ before: { ...SET, rpe: 8 }, after: { ...SET, rpe: 8.5 } }],
    },
  ];
  expect(changesOf("workouts", { exercise_executions: executions }, reading)).toMatchObject([
    { before: "100 kg × 5, RPE 8", after: "100 kg × 5, RPE 8.5" },
  ]);
});
