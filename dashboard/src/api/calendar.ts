/** Runs and workouts in the person's Google calendar. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type InCalendar = "run" | "workout";
export type CalendarState = Schemas["RunSync"] | Schemas["WorkoutSync"];

const runAt = (run_id: string) => ({ params: { path: { run_id } } });
const workoutAt = (workout_id: string) => ({ params: { path: { workout_id } } });

export const calendarState = (kind: InCalendar, id: string, version: number) =>
  queryOptions({
    queryKey: ["calendar", kind, id, version],
    queryFn: (): Promise<CalendarState> =>
      kind === "run"
        ? answer(api.GET("/v1/sync/runs/{run_id}/status", runAt(id)))
        : answer(api.GET("/v1/sync/workouts/{workout_id}/status", workoutAt(id))),
  });

/** Makes or updates the event of a record. */
export function sendToCalendar(kind: InCalendar, id: string): Promise<CalendarState> {
  return kind === "run"
    ? answer(api.POST("/v1/sync/runs/{run_id}", runAt(id)))
    : answer(api.POST("/v1/sync/workouts/{workout_id}", workoutAt(id)));
}

export function removeFromCalendar(kind: InCalendar, id: string): Promise<unknown> {
  return kind === "run"
    ? answer(api.DELETE("/v1/sync/runs/{run_id}", runAt(id)))
    : answer(api.DELETE("/v1/sync/workouts/{workout_id}", workoutAt(id)));
}
