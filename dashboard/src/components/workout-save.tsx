/** Saving a form of a workout, with its undo; if the workout changed meanwhile, the person chooses. */

import { type ReactNode, useState } from "react";
import { answer, api, type IfMatch, ifMatch, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { restoreVersion } from "../api/records";
import { say } from "./messages";
import { isSaved, Mismatch } from "./mismatch";
import { type Fields, useSubmit } from "./submit-form";

type Workout = Schemas["Workout"];

/** Makes a change that only an open workout takes: a finished one is opened first, and finished again afterwards. */
export async function whileOpen(
  { id: workout_id, version, finished_at }: Workout,
  change: (header?: IfMatch) => Promise<unknown>,
): Promise<void> {
  const path = { workout_id };
  const header = ifMatch(version);
  if (!finished_at) return void (await change(header));
  await answer(api.PATCH("/v1/workouts/{workout_id}", { params: { path, header }, body: { finished_at: null } }));
  try {
    await change();
  } finally {
    await answer(api.PATCH("/v1/workouts/{workout_id}/finish", { params: { path }, body: { finished_at } }));
  }
}

interface Edit<Changes> {
  read: (fields: Fields) => Changes;
  save: (changes: Changes, workout: Workout) => Promise<unknown>;
  /** The workout as it would be with the changes. */
  mine: (changes: Changes, workout: Workout) => object;
}

export function useWorkoutSave<Changes extends object>(workout: Workout, edit: Edit<Changes>, onClose: () => void) {
  const [changes, setChanges] = useState<Changes>();
  async function save(typed: Changes, current: Workout) {
    await edit.save(typed, current);
    await afterWrite();
    say("Workout saved", () => restoreVersion("workouts", current.id, current.version));
  }
  const form = useSubmit(async (fields) => {
    const typed = edit.read(fields);
    if (await isSaved(() => save(typed, workout))) onClose();
    else setChanges(typed);
  });
  const mismatch: ReactNode = changes && (
    <Mismatch<Workout>
      noun="workouts"
      id={workout.id}
      mine={(current) => edit.mine(changes, current)}
      save={(current) => save(changes, current)}
      onClose={onClose}
    />
  );
  return { form, mismatch };
}
