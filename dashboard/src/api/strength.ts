/** What the strength page asks of the API. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Day, daysBetween } from "../format/days";
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

/** The most days that the API counts repetitions of. */
const MOST_DAYS = 3650;

/** Repetitions on the days of a range; of an open one on the days since the first session, as far as the API counts. */
export const repStats = ({ start, end, time_zone }: DaysQuery, today: Day) =>
  queryOptions({
    queryKey: ["strength", "reps", start, end, time_zone],
    queryFn: async () => {
      const wanted = start ? daysBetween(start, end ?? today) + 1 : MOST_DAYS;
      const query = { days: Math.max(1, Math.min(MOST_DAYS, wanted)), end, time_zone };
      const stats = await answer(api.GET("/v1/metrics/reps", { params: { query } }));
      const first = start ? 0 : stats.days.findIndex(({ sessions }) => sessions > 0);
      return { ...stats, days: stats.days.slice(Math.max(0, first)) };
    },
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
