/** One workout: what was done, and beside it how it came to be. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";
import { ApiError, answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { History } from "../components/history";
import { say } from "../components/messages";
import { PageFrame, Panel } from "../components/page";
import { Answer, Empty } from "../components/states";
import { localDay, showDay, showInstant } from "../format/days";
import { counted, distance, duration } from "../format/units";
import { WORKOUT_FIELDS } from "../format/versions";
import { usePerson } from "../person";
import "../styles/history.css";

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
    return <Empty title="There is no such workout">It may belong to another account, or never have been here.</Empty>;
  }
  return <Answer of={asked}>{(workout) => <WorkoutRecord workout={workout} />}</Answer>;
}

const TITLES: Record<string, string> = { STRENGTH: "Strength", CARDIO: "Cardio", REPS: "Reps" };

function WorkoutRecord({ workout }: { workout: Workout }) {
  const { zone } = usePerson();
  return (
    <PageFrame
      title={workout.title ?? TITLES[workout.workout_type] ?? "Workout"}
      lead={showDay(localDay(workout.start_ts, zone), "long")}
    >
      {workout.deleted_at && (
        <p className="notice" role="status">
          Deleted {showInstant(workout.deleted_at, zone)}. Restoring a version brings it back.
        </p>
      )}
      <div className="record">
        <section className="panel" aria-label="Facts">
          <Sets workout={workout} />
          <Session workout={workout} />
          <dl className="facts">
            <Fact name="Began" value={showInstant(workout.start_ts, zone)} />
            {workout.end_ts && <Fact name="Ended" value={showInstant(workout.end_ts, zone)} />}
            {workout.notes && <Fact name="Notes" value={workout.notes} />}
            <Fact name="Source" value={workout.source} />
          </dl>
        </section>
        <Panel title="History" aside={<span className="small quiet">Version {workout.version}</span>}>
          <WorkoutHistory workout={workout} />
        </Panel>
      </div>
    </PageFrame>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Sets({ workout }: { workout: Workout }) {
  if (workout.exercise_executions.length === 0) return null;
  return (
    <div className="workout-sets">
      {workout.exercise_executions.map(({ exercise_id, exercise_name, note, sets }) => (
        <section key={exercise_id}>
          <h3>{exercise_name}</h3>
          {note && <p className="small quiet">{note}</p>}
          <ol>
            {sets.map((set) => (
              <li key={set.id} data-type={set.set_type}>
                <b>{set.weight === null ? counted(set.reps ?? 0, "rep") : `${set.weight} ${set.weight_unit}`}</b>
                {set.weight !== null && ` × ${set.reps ?? "–"}`}
                {set.set_type !== "normal" && <span className="small faint">{set.set_type}</span>}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Session({ workout: { rep_session, cardio_session } }: { workout: Workout }) {
  const { units } = usePerson();
  if (rep_session) {
    return (
      <dl className="record-figures">
        <Fact name="Exercise" value={rep_session.exercise_type} />
        <Fact name="Repetitions" value={String(rep_session.reps_count)} />
        <Fact name="Duration" value={duration(rep_session.duration_seconds ?? 0)} />
      </dl>
    );
  }
  if (cardio_session) {
    const { distance_miles, duration_seconds } = cardio_session;
    return (
      <dl className="record-figures">
        {distance_miles != null && <Fact name="Distance" value={distance(distance_miles, units)} />}
        {duration_seconds != null && <Fact name="Duration" value={duration(duration_seconds)} />}
      </dl>
    );
  }
  return null;
}

function WorkoutHistory({ workout }: { workout: Workout }) {
  const workout_id = workout.id;
  const asked = useQuery({
    queryKey: ["workout", workout_id, "history", workout.version],
    queryFn: () => answer(api.GET("/v1/workouts/{workout_id}/history", { params: { path: { workout_id } } })),
  });
  async function restore(version: number, current: number) {
    const call = (to: number, header?: { "If-Match": string }) =>
      answer(
        api.POST("/v1/workouts/{workout_id}/restore/{version}", {
          params: { path: { workout_id, version: to }, header },
        }),
      );
    await call(version, ifMatch(current));
    await afterWrite();
    say(`Version ${version} restored`, () => call(current));
  }
  return (
    <Answer of={asked} lines={3}>
      {({ items }) => <History versions={items} fields={WORKOUT_FIELDS} onRestore={restore} />}
    </Answer>
  );
}
