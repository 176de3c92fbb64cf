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
  const { form, mismatch } = useWorkoutSave(
    workout,
    {
      read: (fields) => {
        const typed = {
          title: textOf(fields, "title"),
          notes: textOf(fields, "notes"),
          start_ts: instant(fields, "start_ts") ?? workout.start_ts,
          end_ts: instant(fields, "end_ts"),
        };
        const changed = Object.entries(typed).filter(([name, value]) => value !== workout[name as keyof typeof typed]);
        const change_reason = textOf(fields, "change_reason");
        return { ...Object.fromEntries(changed), ...(change_reason && { change_reason }) };
      },
      save: (body: Schemas["WorkoutChanges"], { id, version }) => {
        const params = { path: { workout_id: id }, header: ifMatch(version) };
        return answer(api.PATCH("/v1/workouts/{workout_id}", { params, body }));
      },
      mine: (changes, current) => ({ ...current, ...changes }),
    },
    onClose,
  );
  if (mismatch) return mismatch;
  return (
    <Dialog title="Edit workout" onClose={onClose}>
      <SubmitForm form={form} name="Save" onCancel={onClose}>
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
