/** Corrections of the sets of one exercise of a workout, with a reason. */

import { useState } from "react";
import { api, type IfMatch, ifMatch, madeBy, type Schemas } from "../api/client";
import { newUuid } from "../api/uuid";
import { REPS, WEIGHT, type WeightUnit, weightUnit } from "../format/strength";
import { type Kind, readNumber } from "../format/typed";
import { SET_TYPES, type SetType } from "../live/workout";
import { usePerson } from "../person";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { SelectField } from "./select-field";
import { type Fields, figuresOf, REASON, SubmitForm, textOf } from "./submit-form";
import { useWorkoutSave } from "./workout-save";

type Workout = Schemas["Workout"];
type Execution = Workout["exercise_executions"][number];
type StrengthSet = Execution["sets"][number];
type SetValues = Omit<StrengthSet, "id" | "position">;
type Figure = "weight" | "reps";
/** A set with what was typed into its fields. */
type Draft = SetValues & { key: string; typed: Partial<Record<Figure, string>> };

/** Replaces the sets of an exercise; a finished workout stays finished. */
function replaceSets(
  workout: Workout,
  { exercise_id }: Execution,
  values: SetValues[],
  note: string | null,
  change_reason: string | null,
): Promise<IfMatch> {
  const path = { workout_id: workout.id, exercise_id };
  const header = ifMatch(workout.version, workout.live_edits);
  const reason = change_reason && { change_reason };
  const sets = values.map((set, index) => ({
    ...set,
    set_index: index + 1,
    set_type: set.set_type as "normal",
    weight_unit: set.weight_unit as "lb",
  }));
  return madeBy(
    api.PUT("/v1/workouts/{workout_id}/exercise-executions/{exercise_id}", {
      params: { path, header, query: { keep_finished: true } },
      body: { note, sets, ...reason },
    }),
  );
}

/** The workout with these sets of the exercise. */
function withSets(workout: Workout, execution: Execution, sets: SetValues[]): object {
  const others = workout.exercise_executions;
  const mine = { ...execution, sets };
  const exercise_executions = others.some(({ exercise_id }) => exercise_id === mine.exercise_id)
    ? others.map((other) => (other.exercise_id === mine.exercise_id ? mine : other))
    : [...others, mine];
  return { ...workout, exercise_executions };
}

const nameOf = (figure: Figure, key: string) => `${figure} ${key}`;
const shown = (value: number | null) => (value === null ? "" : String(Number(value.toFixed(WEIGHT.decimals))));

/** The sets as the form says them. Throws ApiError. */
function setsOf(fields: Fields, drafts: Draft[]): SetValues[] {
  const figures = figuresOf(fields);
  const sets = drafts.map(({ key, typed: _, ...set }) => {
    const read = (figure: Figure, kind: Kind) =>
      figures.read(nameOf(figure, key), (text) => readNumber(text, kind), {
        shown: shown(set[figure]),
        value: set[figure],
      });
    return { ...set, weight: read("weight", WEIGHT), reps: read("reps", REPS) };
  });
  figures.check();
  return sets;
}

export default function SetsDialog({
  workout,
  execution,
  onClose,
}: {
  workout: Workout;
  execution: Execution;
  onClose: () => void;
}) {
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    execution.sets.map(({ id, position: _, ...set }) => ({ ...set, key: id, typed: {} })),
  );
  const unit = weightUnit(usePerson().units);
  const change = (key: string, values: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, ...values } : draft)));
  const { form, mismatch } = useWorkoutSave(
    workout,
    {
      read: (fields) => ({
        sets: setsOf(fields, drafts),
        note: textOf(fields, "note"),
        reason: textOf(fields, "change_reason"),
      }),
      save: ({ sets, note, reason }, current) => replaceSets(current, execution, sets, note, reason),
      mine: ({ sets, note }, current) => withSets(current, { ...execution, note }, sets),
    },
    onClose,
  );
  if (mismatch) return mismatch;
  return (
    <Dialog title={execution.exercise_name} onClose={onClose} wide>
      <SubmitForm form={form} name="Save" onCancel={onClose}>
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
          <Button icon="plus" onPress={() => setDrafts([...drafts, like(drafts.at(-1), unit)])}>
            Add set
          </Button>
        </div>
        <TextField label="Note on the exercise" name="note" defaultValue={execution.note ?? ""} />
        <TextField label="Reason" name="change_reason" hint={REASON} />
      </SubmitForm>
    </Dialog>
  );
}

function like(set: Draft | undefined, unit: WeightUnit): Draft {
  const rest = {
    forced_reps: null,
    rpe: null,
    duration_seconds: null,
    distance_miles: null,
    superset_id: null,
    note: null,
  };
  const { weight = null, weight_unit = unit, reps = null, typed = {} } = set ?? {};
  return { ...rest, key: newUuid(), set_index: 0, set_type: "normal", weight, weight_unit, reps, typed };
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
  const field = (figure: Figure) => ({
    name: nameOf(figure, draft.key),
    defaultValue: draft.typed[figure] ?? shown(draft[figure]),
    onChange: (text: string) => onChange({ typed: { ...draft.typed, [figure]: text } }),
  });
  return (
    <li className="set-row">
      <span className="small faint">{number}</span>
      <TextField
        label={`Weight of set ${number}`}
        unit={draft.weight_unit}
        {...field("weight")}
        input={{ inputMode: "decimal", autoComplete: "off" }}
      />
      <TextField
        label={`Reps of set ${number}`}
        unit="reps"
        {...field("reps")}
        input={{ inputMode: "numeric", autoComplete: "off" }}
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
