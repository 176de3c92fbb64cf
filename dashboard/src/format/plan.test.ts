import { describe, expect, it } from "vitest";
import type { Planned } from "../api/plan";
import { changesOfMove, doneSize, movedTo, standingOf } from "./plan";

const SELECTION = {
  workoutId: 5,
  isSelected: true,
  currentPlanDay: null,
  timeOfDay: "morning",
  workoutLocation: null,
  userNotes: null,
};
const PLANNED = {
  id: 5,
  workout_type: "Run",
  originally_planned_day: "2026-03-03",
  current_day: "2026-03-03",
  done: null,
  selection: SELECTION,
} as Planned;
const MOVED = { ...PLANNED, current_day: "2026-03-05", selection: { ...SELECTION, currentPlanDay: "2026-03-05" } };
const OUT = { ...PLANNED, selection: { ...SELECTION, isSelected: false, timeOfDay: null } };

describe("a move", () => {
  it("to where the workout is changes nothing", () => {
    expect(changesOfMove(PLANNED, { day: "2026-03-03" })).toBeNull();
    expect(changesOfMove(PLANNED, { day: "2026-03-03", time: "morning" })).toBeNull();
    expect(changesOfMove(OUT, "tray")).toBeNull();
  });
  it("to a day keeps the time of day", () => {
    expect(changesOfMove(PLANNED, { day: "2026-03-05" })).toEqual({ currentPlanDay: "2026-03-05" });
  });
  it("to a day and a time says both at once", () => {
    const place = { day: "2026-03-05", time: "evening" };
    expect(changesOfMove(PLANNED, place)).toEqual({ currentPlanDay: "2026-03-05", timeOfDay: "evening" });
  });
  it("to any time clears the time of day", () => {
    expect(changesOfMove(PLANNED, { day: "2026-03-03", time: "" })).toEqual({ timeOfDay: null });
  });
  it("back to the day of the plan clears the day", () => {
    expect(changesOfMove(MOVED, { day: "2026-03-03" })).toEqual({ currentPlanDay: null });
  });
  it("leaves the workout where it was dropped", () => {
    for (const place of [{ day: "2026-03-05", time: "evening" }, { day: "2026-03-03", time: "" }, "tray"] as const) {
      expect(changesOfMove(movedTo(PLANNED, place), place)).toBeNull();
      expect(changesOfMove(movedTo(OUT, place), place)).toBeNull();
    }
    expect(movedTo(PLANNED, { day: "2026-03-05" }).selection.timeOfDay).toBe("morning");
  });
  it("into the tray and out of it selects", () => {
    expect(changesOfMove(PLANNED, "tray")).toEqual({ isSelected: false });
    expect(changesOfMove(OUT, { day: "2026-03-03", time: "evening" })).toEqual({
      isSelected: true,
      timeOfDay: "evening",
    });
  });
});

describe("a planned workout", () => {
  it("is missed from the day after, unless it is done, off or in the tray", () => {
    expect(standingOf(PLANNED, "2026-03-03")).toBe("ahead");
    expect(standingOf(PLANNED, "2026-03-04")).toBe("missed");
    expect(standingOf({ ...PLANNED, done: { run_id: "manual_1", workout_id: null } }, "2026-03-04")).toBe("done");
    expect(standingOf({ ...PLANNED, workout_type: "Day Off" }, "2026-03-04")).toBe("off");
    expect(standingOf(OUT, "2026-03-04")).toBe("ahead");
  });
  it("says what was done of what was planned, as far as both are known", () => {
    const planned = { ...PLANNED, planned_distance_meters: 6 * 1609.344, planned_duration_hours: 0.9 };
    const did = { distance_miles: 6.21, duration_seconds: 3120 } as Planned["did"];
    expect(doneSize({ ...planned, did }, "miles")).toBe("6.2 of 6.0 mi · 52 min of 54 min");
    expect(doneSize({ ...planned, planned_duration_hours: null, did }, "miles")).toBe("6.2 of 6.0 mi · 52 min");
    expect(doneSize({ ...planned, did: { ...did, distance_miles: null } as Planned["did"] }, "kilometres")).toBe(
      "plan 9.7 km · 52 min of 54 min",
    );
    expect(doneSize(planned, "miles")).toBe("plan 6.0 mi · 54 min");
  });
});
