/** Saving a form of a workout, with its undo; if the workout changed meanwhile, the person chooses. */

import { type ReactNode, useState } from "react";
import type { IfMatch, Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { undoTo } from "../api/records";
import { say } from "./messages";
import { isSaved, Mismatch } from "./mismatch";
import { type Fields, useSubmit } from "./submit-form";

type Workout = Schemas["Workout"];

interface Edit<Changes> {
  read: (fields: Fields) => Changes;
  /** Saves in one call, meant for the workout as it is. */
  save: (changes: Changes, workout: Workout) => Promise<IfMatch>;
  /** The workout as it would be with the changes. */
  mine: (changes: Changes, workout: Workout) => object;
}

export function useWorkoutSave<Changes extends object>(workout: Workout, edit: Edit<Changes>, onClose: () => void) {
  const [changes, setChanges] = useState<Changes>();
  async function save(typed: Changes, current: Workout) {
    const made = await edit.save(typed, current);
    await afterWrite();
    say("Workout saved", undoTo("workouts", current.id, current.version, made));
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
