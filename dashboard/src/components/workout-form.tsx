/** Corrections of a workout: its title, notes, times and figures, with a reason. */

import { api, ifMatch, madeBy, type Schemas } from "../api/client";
import { localMinute, toInstant } from "../format/days";
import { converted, readNumber } from "../format/typed";
import { fromMetres, HEIGHT_UNIT, toMetres, type Units } from "../format/units";
import { usePerson } from "../person";
import { Dialog } from "./dialog";
import { TextField, TimeZoneField, zoneOf } from "./field";
import { type Fields, figuresOf, REASON, SubmitForm, textOf } from "./submit-form";
import { useWorkoutSave } from "./workout-save";

type Workout = Schemas["Workout"];
type CardioSession = NonNullable<Workout["cardio_session"]>;

const rounded = (value: number | null | undefined) => (value == null ? "" : String(Math.round(value)));

function shownOf({ calories_burned, cardio_session }: Workout, units: Units) {
  const ascent = cardio_session?.ascent ?? null;
  return {
    calories_burned: rounded(calories_burned),
    ascent: rounded(ascent === null ? null : fromMetres(ascent, units)),
  };
}

const whole = (text: string) => readNumber(text, { example: "84", decimals: 0 });

/** The figures of the form; one that was left as it was shown stays exactly as it was. Throws ApiError. */
function figuresTyped(fields: Fields, workout: Workout, units: Units) {
  const figures = figuresOf(fields);
  const shown = shownOf(workout, units);
  const typed = {
    calories_burned: figures.read("calories_burned", whole, {
      shown: shown.calories_burned,
      value: workout.calories_burned,
    }),
    ascent: figures.read("ascent", (text) => converted(whole(text), (height) => toMetres(height, units)), {
      shown: shown.ascent,
      value: workout.cardio_session?.ascent ?? null,
    }),
  };
  figures.check();
  return typed;
}

/** What was changed of a cardio session. */
function sessionOf(fields: Fields, session: CardioSession, ascent: number | null): Partial<CardioSession> {
  const sport = textOf(fields, "sport");
  return { ...(sport !== session.sport && { sport }), ...(ascent !== session.ascent && { ascent }) };
}

export default function WorkoutDialog({ workout, onClose }: { workout: Workout; onClose: () => void }) {
  const { units, zone } = usePerson();
  const shown = shownOf(workout, units);
  const minute = (instant: string | null) => (instant ? localMinute(instant, zone) : "");
  const instant = (fields: Fields, name: "start_ts" | "end_ts") => {
    const typed = textOf(fields, name);
    return typed === minute(workout[name]) ? workout[name] : typed && toInstant(typed, zone);
  };
  const { form, mismatch } = useWorkoutSave(
    workout,
    {
      read: (fields) => {
        const { ascent, calories_burned } = figuresTyped(fields, workout, units);
        const typed = {
          title: textOf(fields, "title"),
          notes: textOf(fields, "notes"),
          start_ts: instant(fields, "start_ts") ?? workout.start_ts,
          end_ts: instant(fields, "end_ts"),
          calories_burned,
          time_zone: zoneOf(textOf(fields, "time_zone"), workout.time_zone),
        };
        const changed = Object.entries(typed).filter(([name, value]) => value !== workout[name as keyof typeof typed]);
        const change_reason = textOf(fields, "change_reason");
        const cardio = workout.cardio_session && sessionOf(fields, workout.cardio_session, ascent);
        return {
          ...Object.fromEntries(changed),
          ...(cardio && Object.keys(cardio).length > 0 && { cardio_session: cardio }),
          ...(change_reason && { change_reason }),
        };
      },
      save: (body: Schemas["WorkoutChanges"], current) => {
        const path = { workout_id: current.id };
        const header = ifMatch(current.version, current.live_edits);
        const params = { path, header, query: { keep_finished: true } };
        return madeBy(api.PATCH("/v1/workouts/{workout_id}", { params, body }));
      },
      mine: ({ cardio_session, ...changes }, current) => ({
        ...current,
        ...changes,
        ...(cardio_session && { cardio_session: { ...current.cardio_session, ...cardio_session } }),
      }),
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
        <div className="form-pair">
          <TextField label="Calories" name="calories_burned" unit="kcal" defaultValue={shown.calories_burned} />
          {workout.cardio_session && (
            <TextField label="Ascent" name="ascent" unit={HEIGHT_UNIT[units]} defaultValue={shown.ascent} />
          )}
        </div>
        {workout.cardio_session && (
          <TextField label="Sport" name="sport" defaultValue={workout.cardio_session.sport ?? ""} />
        )}
        <TimeZoneField
          name="time_zone"
          none="Not known"
          also={workout.time_zone?.name}
          defaultValue={workout.time_zone?.name ?? ""}
          hint="Of the place where it began."
        />
        <TextField label="Notes" name="notes" lines={3} defaultValue={workout.notes ?? ""} />
        <TextField label="Reason" name="change_reason" hint={REASON} />
      </SubmitForm>
    </Dialog>
  );
}
