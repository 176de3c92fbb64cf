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

/** The most days that the API lists whether or not there is a session in them. */
const MOST_DAYS = 3650;
/** The first day that any record can have. */
const FIRST_DAY = "1900-01-01";

/** Repetitions on the days of a range; of an open or very long one on the days since its first session. */
export const repStats = ({ start, end, time_zone }: DaysQuery, today: Day) =>
  queryOptions({
    queryKey: ["strength", "reps", start, end, time_zone],
    queryFn: () => {
      const days = start ? daysBetween(start, end ?? today) + 1 : 0;
      const range = days > 0 && days <= MOST_DAYS ? { days } : { start: start ?? FIRST_DAY };
      return answer(api.GET("/v1/metrics/reps", { params: { query: { ...range, end, time_zone } } }));
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
