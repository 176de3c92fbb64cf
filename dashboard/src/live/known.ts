/** What Live needs to know of the past: exercises, and the latest workouts. Kept for when there is no network. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { keepAnswer, keptAnswer } from "./store";

type Exercise = Schemas["Exercise"];
type Workout = Schemas["Workout"];
type LastSet = Workout["exercise_executions"][number]["sets"][number];

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

/** The latest sets of an exercise, the newest workout first: what it is asked for was not among the latest workouts. */
export const latestSets = (user: number | undefined, exercise_id: string) =>
  kept(user, `sets of ${exercise_id}`, async () => {
    const params = { path: { exercise_id }, query: { limit: LATEST } };
    return (await answer(api.GET("/v1/exercises/{exercise_id}/sets", { params }))).items;
  });

export interface LastTime {
  start_ts: string;
  sets: Pick<LastSet, "set_type" | "weight" | "weight_unit" | "reps">[];
}

/** The sets of an exercise in the latest workout that has any. */
export function lastTime(workouts: Workout[], exercise: string): LastTime | undefined {
  for (const { start_ts, exercise_executions } of workouts) {
    const found = exercise_executions.find(({ exercise_id, sets }) => exercise_id === exercise && sets.length > 0);
    if (found) return { start_ts, sets: found.sets };
  }
  return undefined;
}

/** The sets of the latest other workout among sets of an exercise. */
export function lastOfSets(sets: Schemas["PerformedSet"][], workout: string): LastTime | undefined {
  const [newest] = sets.filter(({ workout_id }) => workout_id !== workout);
  if (!newest) return undefined;
  const ofThen = sets.filter(({ workout_id }) => workout_id === newest.workout_id);
  return { start_ts: newest.start_ts, sets: ofThen.toSorted((one, other) => one.set_index - other.set_index) };
}
