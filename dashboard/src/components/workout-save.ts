/** Saving a workout's form, with its undo. */

import type { Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { say } from "./messages";
import { type Fields, useSubmit } from "./submit-form";
import { restoreWorkout } from "./workout-trash";

export function useWorkoutSave(
  workout: Schemas["Workout"],
  call: (fields: Fields) => Promise<unknown>,
  onClose: () => void,
) {
  return useSubmit(async (fields) => {
    await call(fields);
    await afterWrite();
    say("Workout saved", () => restoreWorkout(workout.id, workout.version));
    onClose();
  });
}
