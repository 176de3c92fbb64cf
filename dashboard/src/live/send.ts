/** A step of a live workout as a call of the API. Every call can be repeated: the second time changes nothing. */

import { ApiError, answer, api } from "../api/client";
import type { Queued } from "./store";
import type { LiveSet, Step } from "./workout";

async function unlessMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

function values({ id: _, set_index: __, ...set }: LiveSet) {
  return set;
}

/** What is tried where the server will never take it otherwise. */
function unlessRefused<T>(again: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (error instanceof ApiError && [409, 422].includes(error.status)) return again();
    throw error;
  };
}

/** Sends a step; returns the id that its exercise has on the server, where the step makes or adds one. */
export async function send({ workout: workout_id, step }: Queued): Promise<string | undefined> {
  if (step.kind === "new exercise") return makeExercise(step);
  if (step.kind === "exercise") return addExercise(workout_id, step.exercise);
  await change(workout_id, step);
  return undefined;
}

async function change(
  workout_id: string,
  step: Exclude<Step, { kind: "new exercise" | "exercise" }>,
): Promise<unknown> {
  const path = { workout_id };
  switch (step.kind) {
    case "start": {
      const { title, start_ts } = step;
      const body = { workout_type: "STRENGTH", in_progress: true, client_uuid: workout_id, title, start_ts } as const;
      return answer(api.POST("/v1/workouts", { body }));
    }
    case "title":
      return answer(api.PATCH("/v1/workouts/{workout_id}", { params: { path }, body: { title: step.title } }));
    case "finish":
      return answer(
        api.PATCH("/v1/workouts/{workout_id}/finish", { params: { path }, body: { finished_at: step.at } }),
      );
    case "reopen":
      return answer(api.PATCH("/v1/workouts/{workout_id}", { params: { path }, body: { finished_at: null } }));
    case "order": {
      const body = { exercise_ids: step.exercises };
      return answer(api.PATCH("/v1/workouts/{workout_id}/exercise-executions/reorder", { params: { path }, body }));
    }
    default:
      return changeExercise(workout_id, step);
  }
}

type ExerciseStep = Extract<Step, { kind: "remove exercise" | "note" | "set" | "change set" | "remove set" }>;

async function changeExercise(workout_id: string, step: ExerciseStep): Promise<unknown> {
  const path = { workout_id, exercise_id: step.exercise };
  const execution = "/v1/workouts/{workout_id}/exercise-executions/{exercise_id}";
  switch (step.kind) {
    case "remove exercise":
      return unlessMissing(answer(api.DELETE(execution, { params: { path } })));
    case "note":
      return answer(api.PATCH(execution, { params: { path }, body: { note: step.note } }));
    case "set": {
      const { id: client_uuid, set_index } = step.set;
      const body = { ...values(step.set), client_uuid };
      const add = (place: { set_index?: number }) =>
        answer(api.POST(`${execution}/sets`, { params: { path }, body: { ...body, ...place } }));
      // Its place may have been taken elsewhere: then it is the last, also when that is sent again.
      return set_index === undefined ? add({}) : add({ set_index }).catch(unlessRefused(() => add({})));
    }
    case "change set": {
      const params = { path: { ...path, set_id: step.set.id } };
      return answer(api.PATCH(`${execution}/sets/{set_id}`, { params, body: values(step.set) }));
    }
    case "remove set": {
      const params = { path: { ...path, set_id: step.set } };
      return unlessMissing(answer(api.DELETE(`${execution}/sets/{set_id}`, { params })));
    }
  }
}

/** Makes an exercise; one of this name that is there already is taken instead. */
async function makeExercise({ name, body_part, modality }: Extract<Step, { kind: "new exercise" }>): Promise<string> {
  try {
    const body = { name, body_part, modality: modality as "BARBELL" | null };
    return (await answer(api.POST("/v1/exercises", { body }))).id;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    const { items } = await answer(
      api.GET("/v1/exercises", { params: { query: { name, source: "own", limit: 500 } } }),
    );
    const same = items.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!same) throw error;
    return same.id;
  }
}

/** Adds an exercise unless it is part of the workout: a second PUT would take its sets. */
async function addExercise(workout_id: string, exercise_id: string): Promise<string> {
  const there = await answer(api.GET("/v1/workouts/{workout_id}", { params: { path: { workout_id } } }));
  if (there.exercise_executions.some((one) => one.exercise_id === exercise_id)) return exercise_id;
  const params = { path: { workout_id, exercise_id } };
  const body = { note: null, sets: [] };
  const path = "/v1/workouts/{workout_id}/exercise-executions/{exercise_id}";
  return (await answer(api.PUT(path, { params, body }))).exercise_id;
}
