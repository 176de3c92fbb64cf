/** One workout: what was done, and beside it how it came to be. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "wouter";
import { ApiError, answer, api, type Schemas } from "../api/client";
import { type Blame, blame, type Origin } from "../api/records";
import { Blamed, Fact, originsOf } from "../components/blame";
import { Button } from "../components/button";
import { kindOf } from "../components/entries";
import { useKeys } from "../components/keys";
import { overlay } from "../components/late";
import { Laps, Measured } from "../components/measured";
import { PageFrame, RecordPage } from "../components/page";
import { useReading } from "../components/reading";
import { HistoryButton, RecordSide, useLeaving } from "../components/record";
import { DeletedNotice } from "../components/record-history";
import { remove } from "../components/trash";
import { clockThere, localDay, showDay, showInstant } from "../format/days";
import { plain, repsTitle, setText } from "../format/strength";
import { duration, METRES_PER_MILE, number } from "../format/units";
import { cardioFigures, show, WORKOUT_FIELDS } from "../format/versions";
import { SET_TYPES } from "../live/workout";
import { usePerson } from "../person";
import "../styles/history.css";

const WorkoutDialog = overlay(() => import("../components/workout-form"));
const SetsDialog = overlay(() => import("../components/sets-form"));

type Workout = Schemas["Workout"];

export default function WorkoutPage() {
  const { id: workout_id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["workout", workout_id],
    queryFn: () =>
      answer(
        api.GET("/v1/workouts/{workout_id}", { params: { path: { workout_id }, query: { include_deleted: true } } }),
      ),
  });
  if (asked.error instanceof ApiError && asked.error.status === 404) {
    return (
      <PageFrame title="There is no such workout" lead="It may belong to another account, or never have been here." />
    );
  }
  return (
    <RecordPage title="Workout" of={asked}>
      {(workout) => <WorkoutRecord workout={workout} />}
    </RecordPage>
  );
}

/** Loads what Live needs, which most who look at a workout do not. */
async function goOnWith(workout: Workout): Promise<void> {
  const { openWorkout } = await import("../live/live");
  await openWorkout(workout);
}

const TITLES: Record<string, string> = { STRENGTH: "Strength", CARDIO: "Cardio" };

function titleOf({ title, workout_type, rep_session }: Workout): string {
  return (
    title ?? (workout_type === "REPS" ? repsTitle(rep_session?.exercise_type) : (TITLES[workout_type] ?? "Workout"))
  );
}

function WorkoutRecord({ workout }: { workout: Workout }) {
  const { zone } = usePerson();
  const reading = useReading();
  const leave = useLeaving();
  const [editing, setEditing] = useState(false);
  const origins = useQuery(blame("workouts", workout.id, workout.version)).data;
  const originOf = (field: string) => originsOf(origins?.fields, { [field]: WORKOUT_FIELDS[field]?.[0] ?? field });
  useKeys({ e: () => workout.deleted_at || setEditing(true) });
  return (
    <PageFrame
      title={titleOf(workout)}
      lead={showDay(localDay(workout.start_ts, zone), "long")}
      actions={
        !workout.deleted_at && (
          <>
            <Button look="danger" onPress={() => leave(remove("workouts", workout, "Workout"), "/log")}>
              Delete
            </Button>
            {workout.workout_type === "STRENGTH" && (
              <Button onPress={() => leave(goOnWith(workout), "/live")}>Go on</Button>
            )}
            <HistoryButton />
            <Button look="primary" onPress={() => setEditing(true)}>
              Edit
            </Button>
          </>
        )
      }
    >
      <DeletedNotice at={workout.deleted_at} />
      <div className="record" data-kind={kindOf(workout.workout_type)}>
        <div className="panels">
          <section className="panel" aria-label="Facts">
            <Sets workout={workout} origins={origins?.exercise_executions} />
            <Session workout={workout} originOf={originOf} />
            <dl className="facts">
              <Fact
                name="Began"
                value={showInstant(workout.start_ts, zone)}
                origins={originOf("start_ts")}
                more={workout.time_zone && clockThere(workout.start_ts, workout.time_zone.name, zone)}
              />
              {workout.end_ts && (
                <Fact name="Ended" value={showInstant(workout.end_ts, zone)} origins={originOf("end_ts")} />
              )}
              {workout.time_zone && (
                <Fact
                  name="Time zone"
                  value={show(WORKOUT_FIELDS, "time_zone", workout.time_zone, reading)}
                  origins={originOf("time_zone")}
                />
              )}
              {workout.notes && <Fact name="Notes" value={workout.notes} origins={originOf("notes")} />}
              {workout.calories_burned !== null && (
                <Fact
                  name="Calories"
                  value={`${number(workout.calories_burned, 0)} kcal`}
                  origins={originOf("calories_burned")}
                />
              )}
              {workout.device && <Fact name="Device" value={workout.device} origins={originOf("device")} />}
              <Fact name="Source" value={workout.source} origins={originOf("source")} />
            </dl>
          </section>
          {workout.points_id === null ? (
            <Laps noun="workouts" id={workout.id} />
          ) : (
            <Measured
              noun="workouts"
              id={workout.id}
              points_id={workout.points_id}
              metres={(workout.cardio_session?.distance_miles ?? 0) * METRES_PER_MILE}
              outdoors={workout.cardio_session?.distance_miles != null}
              beats={workout.cardio_session?.avg_heart_rate != null}
            />
          )}
        </div>
        <RecordSide noun="workouts" record={workout} start={workout.start_ts} />
      </div>
      {editing && <WorkoutDialog workout={workout} onClose={() => setEditing(false)} />}
    </PageFrame>
  );
}

const SET_FIELDS = {
  weight: "Weight",
  reps: "Reps",
  set_type: "Type",
  rpe: "RPE",
  forced_reps: "Forced",
  duration_seconds: "Time",
  note: "Note",
};

function Sets({ workout, origins }: { workout: Workout; origins: Blame["exercise_executions"] }) {
  const originsOfSets = new Map(
    origins?.flatMap(({ sets }) => sets.map(({ id, fields }) => [id, originsOf(setOnly(fields), SET_FIELDS)] as const)),
  );
  const [editing, setEditing] = useState<Workout["exercise_executions"][number]>();
  if (workout.exercise_executions.length === 0) return null;
  return (
    <div className="workout-sets">
      {workout.exercise_executions.map((execution) => (
        <section key={execution.exercise_id}>
          <header className="workout-exercise">
            <h2>{execution.exercise_name}</h2>
            {!workout.deleted_at && (
              <Button
                look="quiet"
                aria-label={`Edit sets of ${execution.exercise_name}`}
                onPress={() => setEditing(execution)}
              >
                Edit sets
              </Button>
            )}
          </header>
          {execution.note && <p className="small quiet">{execution.note}</p>}
          <ol>
            {execution.sets.map((set) => (
              <li key={set.id} data-type={set.set_type}>
                <b>
                  <Blamed origins={originsOfSets.get(set.id) ?? {}}>{setText(set)}</Blamed>
                </b>
                <span className="small faint">{detailsOf(set)}</span>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {editing && <SetsDialog workout={workout} execution={editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

/** The origins of the values that a set has: what is empty was set by nobody. */
function setOnly(fields: Record<string, Origin>): Record<string, Origin> {
  return Object.fromEntries(Object.entries(fields).filter(([, { value }]) => value !== null));
}

type StrengthSet = Workout["exercise_executions"][number]["sets"][number];

function detailsOf({ set_type, rpe, forced_reps, note }: StrengthSet): string {
  const type = set_type === "normal" ? "" : SET_TYPES[set_type];
  return [type, rpe !== null && `RPE ${plain(rpe)}`, forced_reps && `${forced_reps} forced`, note]
    .filter(Boolean)
    .join(" · ");
}

function Session({
  workout: { rep_session, cardio_session },
  originOf,
}: {
  workout: Workout;
  originOf: (field: string) => Record<string, Origin>;
}) {
  const { units } = usePerson();
  const [ofReps, ofCardio] = [originOf("rep_session"), originOf("cardio_session")];
  if (rep_session) {
    return (
      <dl className="record-figures">
        <Fact name="Exercise" origins={ofReps} value={rep_session.exercise_type} />
        <Fact name="Repetitions" origins={ofReps} value={String(rep_session.reps_count)} />
        <Fact name="Duration" origins={ofReps} value={duration(rep_session.duration_seconds ?? 0)} />
      </dl>
    );
  }
  if (cardio_session) {
    return (
      <dl className="record-figures">
        {cardioFigures(cardio_session, units).map(([name, value]) => (
          <Fact key={name} name={name} origins={ofCardio} value={value} />
        ))}
      </dl>
    );
  }
  return null;
}
