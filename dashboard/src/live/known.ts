/** What Live needs to know of the past: exercises, and the latest workouts. Kept for when there is no network. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { keepAnswer, keptAnswer } from "./store";

type Exercise = Schemas["Exercise"];
type Workout = Schemas["Workout"];
export type LastSets = Workout["exercise_executions"][number]["sets"];

const LATEST = 50;

function kept<T>(user: number | undefined, name: string, ask: () => Promise<T>) {
  return queryOptions({
    queryKey: ["live", user, name],
    enabled: user !== undefined,
    retry: false,
    queryFn: async () => {
      try {
        const asked = await ask();
        await keepAnswer(user as number, name, asked);
        return asked;
      } catch (error) {
        const known = await keptAnswer<T>(user as number, name);
        if (known === undefined) throw error;
        return known;
      }
    },
  });
}

async function allExercises(): Promise<Exercise[]> {
  const found: Exercise[] = [];
  let cursor: string | undefined;
  do {
    const page = await answer(api.GET("/v1/exercises", { params: { query: { limit: 500, cursor } } }));
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

export const exercises = (user: number | undefined) => kept(user, "exercises", allExercises);

export const latestWorkouts = (user: number | undefined) =>
  kept(user, "workouts", async () => {
    const query = { workout_type: "STRENGTH", finished: true, limit: LATEST } as const;
    return (await answer(api.GET("/v1/workouts", { params: { query } }))).items;
  });

export interface LastTime {
  start_ts: string;
  sets: LastSets;
}

/** The sets of an exercise in the latest workout that has any. */
export function lastTime(workouts: Workout[], exercise: string): LastTime | undefined {
  for (const { start_ts, exercise_executions } of workouts) {
    const found = exercise_executions.find(({ exercise_id, sets }) => exercise_id === exercise && sets.length > 0);
    if (found) return { start_ts, sets: found.sets };
  }
  return undefined;
}
