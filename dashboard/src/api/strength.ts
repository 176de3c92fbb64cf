/** What the strength page asks of the API. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { allPages } from "./pages";

export interface DaysQuery {
  start?: string;
  end?: string;
  time_zone: string;
}

export type PerformedSet = Schemas["PerformedSet"];
export type ExerciseStats = Schemas["ExerciseStats"];

export const userStats = (query: DaysQuery) =>
  queryOptions({
    queryKey: ["strength", query],
    queryFn: () => answer(api.GET("/v1/users/me/stats", { params: { query } })),
    placeholderData: keepPreviousData,
  });

export const exerciseStats = (exercise_id: string, query: DaysQuery) =>
  queryOptions({
    queryKey: ["strength", exercise_id, query],
    queryFn: () => answer(api.GET("/v1/exercises/{exercise_id}/stats", { params: { path: { exercise_id }, query } })),
  });

/** All sets of an exercise, the newest first. */
export const exerciseSets = (exercise_id: string) =>
  queryOptions({
    queryKey: ["strength", exercise_id, "sets"],
    queryFn: () =>
      allPages<PerformedSet>((query) =>
        answer(api.GET("/v1/exercises/{exercise_id}/sets", { params: { path: { exercise_id }, query } })),
      ),
  });

export const repStats = (days: number, time_zone: string) =>
  queryOptions({
    queryKey: ["strength", "reps", days, time_zone],
    queryFn: () => answer(api.GET("/v1/metrics/reps", { params: { query: { days, time_zone } } })),
    placeholderData: keepPreviousData,
  });

/** All exercises of the person, by name. */
export const ownExercises = queryOptions({
  queryKey: ["strength", "exercises"],
  queryFn: () =>
    allPages<Schemas["Exercise"]>((page) =>
      answer(api.GET("/v1/exercises", { params: { query: { ...page, source: "own" } } })),
    ),
});
