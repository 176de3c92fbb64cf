/** A run's fields: to add one, or to correct one with a reason. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite, shoes } from "../api/queries";
import { undoTo } from "../api/records";
import { newUuid } from "../api/uuid";
import { localMinute, toInstant } from "../format/days";
import { converted, readDurationOf, readNumber } from "../format/typed";
import { duration, fromMetres, fromMiles, HEIGHT_UNIT, toMetres, toMiles, UNIT, type Units } from "../format/units";
import { type Person, usePerson } from "../person";
import { Dialog } from "./dialog";
import { TextField, TimeZoneField, zoneOf } from "./field";
import { say } from "./messages";
import { isSaved, Mismatch } from "./mismatch";
import { saveRun } from "./run-save";
import { SelectField } from "./select-field";
import { type Fields, figuresOf, REASON, SubmitForm, textOf, useSubmit } from "./submit-form";

type RunValues = Schemas["NewRun"];
type EditableRun = Schemas["Run"];

const TYPES = [
  ["Outdoor Run", "Outdoor run"],
  ["Treadmill Run", "Treadmill run"],
] as const;

/** What the form says, in the API's units; throws ApiError with the fields that cannot be read. */
function valuesOf(fields: Fields, shown: Shown, run: EditableRun | undefined, person: Person): RunValues {
  const text = (name: string) => textOf(fields, name) ?? "";
  const figures = figuresOf(fields);
  const left = (name: Figure) => run && { shown: shown[name], value: run[name] };
  const way = (typed: string) => converted(readNumber(typed, { example: "6.2" }), (n) => toMiles(n, person.units));
  const height = (typed: string) => converted(readNumber(typed, WHOLE), (n) => toMetres(n, person.units));
  const distance = figures.need("distance", way, left("distance"));
  const duration = figures.need("duration", (typed) => readDurationOf(distance, typed), left("duration"));
  const avg_heart_rate = figures.read("avg_heart_rate", (typed) => readNumber(typed, RATE), left("avg_heart_rate"));
  const ascent = figures.read("ascent", height, left("ascent"));
  const calories = figures.read("calories", (typed) => readNumber(typed, WHOLE), left("calories"));
  figures.check();
  const minute = text("datetime_utc");
  return {
    datetime_utc: run && minute === shown.datetime_utc ? run.datetime_utc : toInstant(minute, person.zone),
    type: text("type") as RunValues["type"],
    distance,
    duration,
    avg_heart_rate,
    shoe_id: text("shoe_id") || null,
    name: text("name") || null,
    notes: text("notes") || null,
    ascent,
    calories,
    time_zone: zoneOf(text("time_zone"), run?.time_zone ?? null),
  };
}

const WHOLE = { example: "84", decimals: 0 };
const RATE = { example: "149", decimals: 1 };

type Figure = "distance" | "duration" | "avg_heart_rate" | "ascent" | "calories";

interface Shown {
  datetime_utc: string;
  distance: string;
  duration: string;
  avg_heart_rate: string;
  ascent: string;
  calories: string;
}

function shownOf(run: EditableRun | undefined, units: Units, zone: string): Shown {
  return {
    datetime_utc: localMinute(run?.datetime_utc ?? new Date(), zone),
    distance: run ? String(Number(fromMiles(run.distance, units).toFixed(2))) : "",
    duration: run ? duration(run.duration) : "",
    avg_heart_rate: run?.avg_heart_rate ? String(run.avg_heart_rate) : "",
    ascent: run?.ascent == null ? "" : String(Math.round(fromMetres(run.ascent, units))),
    calories: run?.calories == null ? "" : String(Math.round(run.calories)),
  };
}

/** The fields of `values` that differ from the run's. */
function changesOf(values: RunValues, run: EditableRun): Partial<RunValues> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== run[name as keyof RunValues & keyof EditableRun]),
  );
}

export default function RunDialog({ run, onClose }: { run?: EditableRun; onClose: () => void }) {
  const person = usePerson();
  const [shown] = useState(() => shownOf(run, person.units, person.zone));
  const [mismatch, setMismatch] = useState<{ changes: Partial<RunValues>; reason: string }>();
  // Of a run that is added, so that sending it twice adds it once.
  const [uuid] = useState(() => newUuid());

  const form = useSubmit(async (fields) => {
    const values = valuesOf(fields, shown, run, person);
    if (!run) return add({ ...values, client_uuid: uuid });
    const reason = textOf(fields, "change_reason") ?? "";
    const changes = changesOf(values, run);
    if (Object.keys(changes).length === 0) return onClose();
    if (await isSaved(() => saveRun(run, changes, reason, run.version))) onClose();
    else setMismatch({ changes, reason });
  });

  async function add(body: RunValues) {
    const made = await answer(api.POST("/v1/runs", { body }));
    await afterWrite();
    say("Run added", undoTo("runs", made.id, null, ifMatch(made.version)));
    onClose();
  }

  if (run && mismatch) {
    return (
      <Mismatch<EditableRun>
        noun="runs"
        id={run.id}
        mine={(current) => ({ ...current, ...mismatch.changes })}
        save={({ version }) => saveRun(run, mismatch.changes, mismatch.reason, version)}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={run ? "Edit run" : "Add run"} onClose={onClose}>
      <SubmitForm form={form} name={run ? "Save" : "Add run"} onCancel={onClose}>
        <div className="form-pair">
          <TextField
            label="Distance"
            name="distance"
            isRequired
            autoFocus
            unit={UNIT[person.units]}
            defaultValue={shown.distance}
            input={{ inputMode: "decimal", autoComplete: "off" }}
          />
          <TextField
            label="Duration"
            name="duration"
            isRequired
            defaultValue={shown.duration}
            input={{ placeholder: "53:10", autoComplete: "off" }}
          />
        </div>
        <div className="form-pair">
          <TextField
            label="Began"
            name="datetime_utc"
            isRequired
            type="datetime-local"
            defaultValue={shown.datetime_utc}
          />
          <TextField
            label="Heart rate"
            name="avg_heart_rate"
            unit="bpm"
            defaultValue={shown.avg_heart_rate}
            input={{ inputMode: "numeric", autoComplete: "off" }}
          />
        </div>
        <div className="form-pair">
          <SelectField label="Type" name="type" options={TYPES} defaultValue={run?.type ?? "Outdoor Run"} />
          <ShoeField run={run} />
        </div>
        <div className="form-pair">
          <TextField
            label="Ascent"
            name="ascent"
            unit={HEIGHT_UNIT[person.units]}
            defaultValue={shown.ascent}
            input={{ inputMode: "numeric", autoComplete: "off" }}
          />
          <TextField
            label="Calories"
            name="calories"
            unit="kcal"
            defaultValue={shown.calories}
            input={{ inputMode: "numeric", autoComplete: "off" }}
          />
        </div>
        <TimeZoneField
          name="time_zone"
          none="Not known"
          also={run?.time_zone?.name}
          defaultValue={run?.time_zone?.name ?? ""}
          hint="Of the place where it began."
        />
        <TextField label="Title" name="name" defaultValue={run?.name ?? ""} />
        <TextField label="Notes" name="notes" lines={2} defaultValue={run?.notes ?? ""} />
        {run && <TextField label="Reason" name="change_reason" hint={REASON} />}
      </SubmitForm>
    </Dialog>
  );
}

function ShoeField({ run }: { run: EditableRun | undefined }) {
  const { data } = useQuery(shoes);
  const usable = data?.items.filter((shoe) => !shoe.retired_at || shoe.id === run?.shoe_id) ?? [];
  const its = run?.shoe_id ?? "";
  const options = [["", "No shoe"], ...usable.map((shoe) => [shoe.id, shoe.name] as const)] as const;
  // The browser keeps a choice only of options that are there when the field is made: until the shoes are, so is its own.
  const all = options.some(([id]) => id === its) ? options : [...options, [its, "Its shoe"] as const];
  return <SelectField label="Shoe" name="shoe_id" options={all} defaultValue={its} />;
}
