/** What the forms of a workout share: saving, with its undo, and its buttons. */

import { type FormEvent, useState } from "react";
import { ApiError, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { Button } from "./button";
import { say } from "./messages";
import { restoreWorkout } from "./workout-trash";

type Workout = Schemas["Workout"];

export function useWorkoutSave(workout: Workout, call: (form: FormData) => Promise<unknown>, onClose: () => void) {
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    try {
      await call(new FormData(event.currentTarget));
      await afterWrite();
      say("Workout saved", () => restoreWorkout(workout.id, workout.version));
      onClose();
    } catch (error) {
      setFailure(error as Error);
      setBusy(false);
    }
  }
  const fields = failure instanceof ApiError ? failure.fields : {};
  const forget = () => setFailure(undefined);
  return { submit, forget, busy, fields, failure: Object.keys(fields).length === 0 ? failure : undefined };
}

export function SaveButtons({ save, onClose }: { save: ReturnType<typeof useWorkoutSave>; onClose: () => void }) {
  return (
    <>
      {save.failure && (
        <p className="form-error" role="alert">
          {save.failure.message}
        </p>
      )}
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isPending={save.busy}>
          Save
        </Button>
      </div>
    </>
  );
}

export const REASON = "Why you change it, for the history. May stay empty.";
export const textOf = (form: FormData, name: string) => String(form.get(name) ?? "").trim() || null;
