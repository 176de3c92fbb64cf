/** Corrections of a workout: its title, notes and times, and the sets of an exercise, each with a reason. */

import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { ApiError, answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { newUuid } from "../api/uuid";
import { localMinute, toInstant } from "../format/days";
import { SET_TYPES, type SetType } from "../live/workout";
import { usePerson } from "../person";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say } from "./messages";
import { SelectField } from "./select-field";

type Workout = Schemas["Workout"];
type Execution = Workout["exercise_executions"][number];
type StrengthSet = Execution["sets"][number];

export function restoreWorkout(workout_id: string, version: number, header?: { "If-Match": string }) {
  const params = { path: { workout_id, version }, header };
  return answer(api.POST("/v1/workouts/{workout_id}/restore/{version}", { params }));
}

/** Deletes a workout; a restore of its last version takes that back. */
export async function deleteWorkout({ id: workout_id, version }: Workout): Promise<void> {
  const params = { path: { workout_id }, header: ifMatch(version) };
  await answer(api.DELETE("/v1/workouts/{workout_id}", { params }));
  await afterWrite();
  say("Workout deleted", () => restoreWorkout(workout_id, version));
}

function useSave(workout: Workout, call: (form: FormData) => Promise<unknown>, onClose: () => void) {
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
  return { submit, busy, fields, failure: Object.keys(fields).length === 0 ? failure : undefined };
}

function Buttons({ save, onClose }: { save: ReturnType<typeof useSave>; onClose: () => void }) {
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

const REASON = "Why you change it, for the history. May stay empty.";
const textOf = (form: FormData, name: string) => String(form.get(name) ?? "").trim() || null;

export function WorkoutDialog({ workout, onClose }: { workout: Workout; onClose: () => void }) {
  const { zone } = usePerson();
  const minute = (instant: string | null) => (instant ? localMinute(instant, zone) : "");
  const instant = (form: FormData, name: "start_ts" | "end_ts") => {
    const typed = textOf(form, name);
    return typed === minute(workout[name]) ? workout[name] : typed && toInstant(typed, zone);
  };
  const save = useSave(
    workout,
    (form) => {
      const change_reason = textOf(form, "change_reason");
      const body = {
        title: textOf(form, "title"),
        notes: textOf(form, "notes"),
        start_ts: instant(form, "start_ts") ?? workout.start_ts,
        end_ts: instant(form, "end_ts"),
        ...(change_reason && { change_reason }),
      };
      const params = { path: { workout_id: workout.id }, header: ifMatch(workout.version) };
      return answer(api.PATCH("/v1/workouts/{workout_id}", { params, body }));
    },
    onClose,
  );
  return (
    <Dialog title="Edit workout" onClose={onClose}>
      <Form className="form" onSubmit={save.submit} validationErrors={save.fields}>
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
        <Buttons save={save} onClose={onClose} />
      </Form>
    </Dialog>
  );
}

type Draft = Omit<StrengthSet, "id" | "position"> & { key: string };

/** Replaces the sets of an exercise. A finished workout is opened for that, and finished again as it was. */
async function replaceSets(
  { id: workout_id, version, finished_at }: Workout,
  { exercise_id }: Execution,
  drafts: Draft[],
  note: string | null,
  change_reason: string | null,
): Promise<void> {
  const path = { workout_id };
  const reason = change_reason && { change_reason };
  const sets = drafts.map(({ key: _, ...set }, index) => ({ ...set, set_index: index + 1 }));
  const header = ifMatch(version);
  const put = (headers?: typeof header) =>
    answer(
      api.PUT("/v1/workouts/{workout_id}/exercise-executions/{exercise_id}", {
        params: { path: { ...path, exercise_id }, header: headers },
        body: { note, sets, ...reason },
      }),
    );
  if (!finished_at) return void (await put(header));
  await answer(api.PATCH("/v1/workouts/{workout_id}", { params: { path, header }, body: { finished_at: null } }));
  try {
    await put();
  } finally {
    await answer(api.PATCH("/v1/workouts/{workout_id}/finish", { params: { path }, body: { finished_at } }));
  }
}

export function SetsDialog({
  workout,
  execution,
  onClose,
}: {
  workout: Workout;
  execution: Execution;
  onClose: () => void;
}) {
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    execution.sets.map(({ id, position: _, ...set }) => ({ ...set, key: id })),
  );
  const change = (key: string, values: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, ...values } : draft)));
  const save = useSave(
    workout,
    (form) => replaceSets(workout, execution, drafts, textOf(form, "note"), textOf(form, "change_reason")),
    onClose,
  );
  return (
    <Dialog title={execution.exercise_name} onClose={onClose} wide>
      <Form className="form" onSubmit={save.submit}>
        <ol className="set-rows" aria-label="Sets">
          {drafts.map((draft, index) => (
            <SetRow
              key={draft.key}
              draft={draft}
              number={index + 1}
              onChange={(values) => change(draft.key, values)}
              onRemove={() => setDrafts(drafts.filter(({ key }) => key !== draft.key))}
            />
          ))}
        </ol>
        <div className="row">
          <Button icon="plus" onPress={() => setDrafts([...drafts, like(drafts.at(-1))])}>
            Add set
          </Button>
        </div>
        <TextField label="Note on the exercise" name="note" defaultValue={execution.note ?? ""} />
        <TextField label="Reason" name="change_reason" hint={REASON} />
        <Buttons save={save} onClose={onClose} />
      </Form>
    </Dialog>
  );
}

function like(set: Draft | undefined): Draft {
  const rest = {
    forced_reps: null,
    rpe: null,
    duration_seconds: null,
    distance_miles: null,
    superset_id: null,
    note: null,
  };
  const { weight = null, weight_unit = "lb", reps = null } = set ?? {};
  return { ...rest, key: newUuid(), set_index: 0, set_type: "normal", weight, weight_unit, reps };
}

const TYPES = Object.entries(SET_TYPES);

function SetRow({
  draft,
  number,
  onChange,
  onRemove,
}: {
  draft: Draft;
  number: number;
  onChange: (values: Partial<Draft>) => void;
  onRemove: () => void;
}) {
  const read = (text: string) => (text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text));
  const shown = (value: number | null) => (value === null ? "" : String(value));
  return (
    <li className="set-row">
      <span className="small faint">{number}</span>
      <TextField
        label={`Weight of set ${number}`}
        type="number"
        unit={draft.weight_unit}
        defaultValue={shown(draft.weight)}
        onChange={(text) => onChange({ weight: read(text) })}
        input={{ step: "any", inputMode: "decimal" }}
      />
      <TextField
        label={`Reps of set ${number}`}
        type="number"
        unit="reps"
        defaultValue={shown(draft.reps)}
        onChange={(text) => onChange({ reps: read(text) })}
        input={{ inputMode: "numeric" }}
      />
      <SelectField
        label={`Type of set ${number}`}
        options={TYPES}
        value={draft.set_type}
        onChange={(set_type) => onChange({ set_type: set_type as SetType })}
      />
      <IconButton icon="close" name={`Remove set ${number}`} onPress={onRemove} />
    </li>
  );
}
