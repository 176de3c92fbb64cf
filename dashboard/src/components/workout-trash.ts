/** Deleting a workout, and bringing it or a version of it back. */

import { answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { say } from "./messages";

export function restoreWorkout(workout_id: string, version: number, header?: { "If-Match": string }) {
  const params = { path: { workout_id, version }, header };
  return answer(api.POST("/v1/workouts/{workout_id}/restore/{version}", { params }));
}

/** Deletes a workout; a restore of its last version takes that back. */
export async function deleteWorkout({
  id: workout_id,
  version,
}: Pick<Schemas["Workout"], "id" | "version">): Promise<void> {
  const params = { path: { workout_id }, header: ifMatch(version) };
  await answer(api.DELETE("/v1/workouts/{workout_id}", { params }));
  await afterWrite();
  say("Workout deleted", () => restoreWorkout(workout_id, version));
}
