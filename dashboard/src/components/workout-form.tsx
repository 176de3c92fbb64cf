/** Corrections of a workout: its title, notes and times, with a reason. */

import { answer, api, ifMatch, type Schemas } from "../api/client";
import { localMinute, toInstant } from "../format/days";
import { usePerson } from "../person";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { type Fields, REASON, SubmitForm, textOf } from "./submit-form";
import { useWorkoutSave } from "./workout-save";

type Workout = Schemas["Workout"];

export function WorkoutDialog({ workout, onClose }: { workout: Workout; onClose: () => void }) {
  const { zone } = usePerson();
  const minute = (instant: string | null) => (instant ? localMinute(instant, zone) : "");
  const instant = (fields: Fields, name: "start_ts" | "end_ts") => {
    const typed = textOf(fields, name);
    return typed === minute(workout[name]) ? workout[name] : typed && toInstant(typed, zone);
  };
  const save = useWorkoutSave(
    workout,
    (fields) => {
      const change_reason = textOf(fields, "change_reason");
      const body = {
        title: textOf(fields, "title"),
        notes: textOf(fields, "notes"),
        start_ts: instant(fields, "start_ts") ?? workout.start_ts,
        end_ts: instant(fields, "end_ts"),
        ...(change_reason && { change_reason }),
      };
      const params = { path: { workout_id: workout.id }, header: ifMatch(workout.version) };
      return answer(api.PATCH("/v1/workouts/{workout_id}", { params, body }));
    },
    onClose,
  );
  return (
    <Dialog title="Edit workout" onClose={onClose}>
      <SubmitForm form={save} name="Save" onCancel={onClose}>
        <TextField label="Title" name="title" autoFocus defaultValue={workout.title ?? ""} />
        <div className="form-pair">
          <TextField
            label="Began"
            name="start_ts"
            type="datetime-local"
            isRequired
            defaultValue={minute(workout.start_ts)}
          />
          <TextField label="Ended" name="end_ts" type="datetime-local" defaultValue={minute(workout.end_ts)} />
        </div>
        <TextField label="Notes" name="notes" lines={3} defaultValue={workout.notes ?? ""} />
        <TextField label="Reason" name="change_reason" hint={REASON} />
      </SubmitForm>
    </Dialog>
  );
}
