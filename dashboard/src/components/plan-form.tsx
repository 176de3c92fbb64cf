/** The fields of a planned workout: to add one, or to change one. */

import { useState } from "react";
import { ifMatch, type Schemas } from "../api/client";
import { addPlanned, editPlanned, type Planned } from "../api/plan";
import { afterWrite } from "../api/queries";
import { undoTo } from "../api/records";
import { change } from "../api/turns";
import type { Day } from "../format/days";
import { converted, readDurationOf, readNumber } from "../format/typed";
import { duration, fromMiles, METRES_PER_MILE, toMiles, UNIT, type Units } from "../format/units";
import { usePerson } from "../person";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say } from "./messages";
import { isSaved, Mismatch } from "./mismatch";
import { SelectField } from "./select-field";
import { type Fields, figuresOf, SubmitForm, textOf, useSubmit } from "./submit-form";

const TYPES = ["Run", "Strength", "Bike", "Swim", "Walk", "Cross-train", "Race", "Day Off", "Other"];

function shownDistance(planned: Planned | undefined, units: Units): string {
  const metres = planned?.planned_distance_meters ?? null;
  return metres === null ? "" : String(Number(fromMiles(metres / METRES_PER_MILE, units).toFixed(2)));
}

function shownDuration(planned: Planned | undefined): string {
  const hours = planned?.planned_duration_hours ?? null;
  return hours === null ? "" : duration(hours * 3600);
}

/** What the form says, in the API's units. A figure that was left alone stays exactly as it was. Throws ApiError. */
function valuesOf(fields: Fields, planned: Planned | undefined, units: Units) {
  const figures = figuresOf(fields);
  const toMetres = (text: string) =>
    converted(readNumber(text, { example: "6.2" }), (typed) => toMiles(typed, units) * METRES_PER_MILE);
  const planned_distance_meters = figures.read(
    "planned_distance_meters",
    toMetres,
    planned && { shown: shownDistance(planned, units), value: planned.planned_distance_meters },
  );
  const miles = planned_distance_meters === null ? null : planned_distance_meters / METRES_PER_MILE;
  const toHours = (text: string) => converted(readDurationOf(miles, text), (seconds) => seconds / 3600);
  const values = {
    title: (fields.title ?? "").trim(),
    workout_type: fields.workout_type ?? "Run",
    description: (fields.description ?? "").trim() || null,
    planned_distance_meters,
    planned_duration_hours: figures.read(
      "planned_duration_hours",
      toHours,
      planned && { shown: shownDuration(planned), value: planned.planned_duration_hours },
    ),
  };
  figures.check();
  return values;
}

type Changes = Schemas["PlannedWorkoutChanges"];

async function save(planned: Planned, changes: Changes): Promise<void> {
  const { id, version } = planned;
  const { before, made } = await change("planned-workouts", id, ifMatch(version), (meant) =>
    editPlanned(id, changes, meant),
  );
  await afterWrite();
  say("Planned workout saved", undoTo("planned-workouts", id, before, made));
}

export function PlanForm({ planned, day, onClose }: { planned?: Planned; day: Day; onClose: () => void }) {
  const { units } = usePerson();
  const [mismatch, setMismatch] = useState<Changes>();
  const form = useSubmit(async (fields) => {
    const values = valuesOf(fields, planned, units);
    if (!planned) return add(values, fields.day ?? day);
    const changed = Object.entries(values).filter(([name, value]) => value !== planned[name as keyof typeof values]);
    const change_reason = textOf(fields, "change_reason");
    const changes: Changes = { ...Object.fromEntries(changed), ...(change_reason && { change_reason }) };
    if (await isSaved(() => save(planned, changes))) onClose();
    else setMismatch(changes);
  });
  async function add(values: ReturnType<typeof valuesOf>, originally_planned_day: Day) {
    const made = await addPlanned({ ...values, originally_planned_day, is_custom: true });
    await afterWrite();
    say("Planned workout added", undoTo("planned-workouts", made.id, null, ifMatch(made.version)));
    onClose();
  }
  if (planned && mismatch) {
    return (
      <Mismatch<Planned>
        noun="planned-workouts"
        id={planned.id}
        mine={(current) => ({ ...current, ...mismatch })}
        save={(current) => save(current, mismatch)}
        onClose={onClose}
      />
    );
  }
  const types = planned && !TYPES.includes(planned.workout_type) ? [planned.workout_type, ...TYPES] : TYPES;
  return (
    <Dialog title={planned ? `Edit ${planned.title}` : "Add planned workout"} onClose={onClose}>
      <SubmitForm form={form} name={planned ? "Save" : "Add to the plan"} onCancel={onClose}>
        <TextField label="Title" name="title" isRequired autoFocus defaultValue={planned?.title ?? ""} />
        <div className="form-pair">
          <SelectField
            label="Type"
            name="workout_type"
            options={types.map((type) => [type, type] as const)}
            defaultValue={planned?.workout_type ?? "Run"}
          />
          {!planned && <TextField label="Day" name="day" type="date" isRequired defaultValue={day} />}
        </div>
        <div className="form-pair">
          <TextField
            label="Distance"
            name="planned_distance_meters"
            unit={UNIT[units]}
            defaultValue={shownDistance(planned, units)}
            input={{ inputMode: "decimal", autoComplete: "off" }}
          />
          <TextField
            label="Duration"
            name="planned_duration_hours"
            defaultValue={shownDuration(planned)}
            input={{ placeholder: "1:15:00", autoComplete: "off" }}
          />
        </div>
        <TextField label="What to do" name="description" lines={3} defaultValue={planned?.description ?? ""} />
        {planned && (
          <TextField label="Reason" name="change_reason" hint="Why you change it, for the history. May stay empty." />
        )}
      </SubmitForm>
    </Dialog>
  );
}
