/** The workout that is going on: one exercise a screen, with or without a network. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { newUuid } from "../api/uuid";
import { Button } from "../components/button";
import { focusWhereLost } from "../components/focus";
import { overlay } from "../components/late";
import { Exercise } from "../components/live/exercise";
import { Picker } from "../components/live/picker";
import { RestTimer, useRest } from "../components/live/rest";
import { Refused, Saved } from "../components/live/saved";
import { StartWorkout } from "../components/live/start";
import { say, sayFailure } from "../components/messages";
import { PageFrame } from "../components/page";
import { Loading } from "../components/states";
import { localDay, showDay } from "../format/days";
import { hrefOf } from "../format/records";
import { setText, weightUnit } from "../format/strength";
import { counted } from "../format/units";
import { exercises as allExercises, lastOfSets, lastTime, latestSets, latestWorkouts } from "../live/known";
import { act, close, exercisesNow, useLive, useLiveUser } from "../live/live";
import { isFinishedElsewhere, type Live as LiveState } from "../live/outbox";
import type { Queued } from "../live/store";
import { broughtBack, type LiveExercise, type LiveSet, type LiveWorkout, type Step } from "../live/workout";
import { usePerson } from "../person";
import "../styles/history.css";
import "../styles/live.css";

const Order = overlay(() => import("../components/live/order"));

export default function LivePage() {
  const user = useLiveUser();
  const live = useLive(user?.user_id);
  if (!user || !live) return <Loading />;
  return <Live user={user.user_id} {...live} />;
}

function Live({ user, workout, waiting }: LiveState & { user: number }) {
  const stage = workout && `${workout.id} ${workout.finished_at ? "finished" : ""}`;
  const before = useRef(stage);
  useEffect(() => {
    if (before.current === stage) return;
    before.current = stage;
    // The button that led here is gone.
    focusWhereLost();
  }, [stage]);
  if (!workout) return <StartWorkout user={user} waiting={waiting} />;
  if (workout.finished_at) return <Finished workout={workout} waiting={waiting} />;
  return <InProgress key={workout.id} user={user} workout={workout} waiting={waiting} />;
}

/** The sets of an exercise in the latest other workout that has any, and whether that is still looked for. */
function useLastTime(user: number, workout: string, exercise: string | undefined) {
  const latest = useQuery(latestWorkouts(user));
  const known = useQuery(allExercises(user));
  const among = exercise === undefined ? undefined : lastTime(latest.data ?? [], exercise);
  // The server has no sets of an exercise that is not the person's own yet, or was made here and is not sent.
  const isOlder = latest.isSuccess && !among && known.data?.some(({ id, is_system }) => id === exercise && !is_system);
  const sets = useQuery({ ...latestSets(user, exercise ?? ""), enabled: Boolean(isOlder) });
  return { last: among ?? lastOfSets(sets.data ?? [], workout), isLooking: latest.isLoading || sets.isLoading };
}

function InProgress({ user, workout, waiting }: { user: number; workout: LiveWorkout; waiting: Queued[] }) {
  const person = usePerson();
  const rest = useRest();
  // A place too: the id of an exercise that was made here becomes another one when the server has it.
  const [shown, setShown] = useState({ id: "", index: 0 });
  const [overlay, setOverlay] = useState<"picker" | "order">();
  const { exercises } = workout;
  const found = exercises.findIndex(({ id }) => id === shown.id);
  const index = found >= 0 ? found : Math.min(shown.index, Math.max(0, exercises.length - 1));
  const exercise = exercises[index];
  const last = useLastTime(user, workout.id, exercise?.id);
  // It fails where the browser cannot keep it, as on a full disk.
  const step = (...steps: Step[]) => void act(workout.id, ...steps).catch(sayFailure);
  function removeExercise(removed: LiveExercise) {
    step({ kind: "remove exercise", exercise: removed.id });
    const place = exercises.indexOf(removed);
    say(`${removed.name} taken out`, () => act(workout.id, ...broughtBack(removed, place, exercisesNow(), newUuid)));
  }
  function removeSet(from: LiveExercise, set: LiveSet) {
    step({ kind: "remove set", exercise: from.id, set: set.id });
    const again = { kind: "set", exercise: from.id, set: { ...set, id: newUuid() } } as const;
    say("Set deleted", () => act(workout.id, again));
  }
  const unsent = new Set(
    waiting.flatMap(({ step: one }) => ("set" in one && typeof one.set !== "string" ? [one.set.id] : [])),
  );
  return (
    <PageFrame
      title={workout.title ?? "Workout"}
      lead={<Saved waiting={waiting} />}
      actions={
        !isFinishedElsewhere(waiting) && (
          <Button look="primary" onPress={() => step({ kind: "finish", at: new Date().toISOString() })}>
            Finish
          </Button>
        )
      }
    >
      <Refused waiting={waiting} />
      <nav className="live-tabs" aria-label="Exercises of the workout">
        {exercises.map(({ id, name, sets }, at) => (
          <button
            key={id}
            type="button"
            className="chip"
            aria-current={id === exercise?.id ? "true" : undefined}
            onClick={() => setShown({ id, index: at })}
          >
            {name} <span className="small">{sets.length}</span>
          </button>
        ))}
        <Button icon="plus" onPress={() => setOverlay("picker")}>
          Add exercise
        </Button>
        {exercises.length > 1 && <Button onPress={() => setOverlay("order")}>Order</Button>}
      </nav>
      {exercise ? (
        <Exercise
          key={exercise.name}
          workout={workout.id}
          exercise={exercise}
          unit={weightUnit(person.units)}
          {...last}
          waiting={unsent}
          onStep={step}
          onRemove={(set) => removeSet(exercise, set)}
          onAdded={rest.begin}
        />
      ) : (
        <p className="state quiet">Add the first exercise: from your own, from the catalog, or a new one.</p>
      )}
      <RestTimer rest={rest} />
      {overlay === "picker" && (
        <Picker
          user={user}
          taken={exercises.map(({ id }) => id)}
          onClose={() => setOverlay(undefined)}
          onPick={(...steps) => {
            step(...steps);
            const picked = steps.at(-1);
            if (picked && "exercise" in picked) setShown({ id: picked.exercise, index: exercises.length });
            setOverlay(undefined);
          }}
        />
      )}
      {overlay === "order" && (
        <Order
          exercises={exercises}
          onOrder={(ids) => step({ kind: "order", exercises: ids })}
          onRemove={removeExercise}
          onClose={() => setOverlay(undefined)}
        />
      )}
    </PageFrame>
  );
}

function Finished({ workout, waiting }: { workout: LiveWorkout; waiting: Queued[] }) {
  const { zone } = usePerson();
  const sets = workout.exercises.flatMap((exercise) => exercise.sets).length;
  return (
    <PageFrame
      title={workout.title ?? "Workout"}
      lead={<Saved waiting={waiting} />}
      actions={
        <>
          <Button onPress={() => act(workout.id, { kind: "reopen" })}>Reopen</Button>
          <Button look="primary" isDisabled={waiting.length > 0} onPress={() => close()}>
            Done
          </Button>
        </>
      }
    >
      <Refused waiting={waiting} />
      <section className="panel" aria-label="Summary">
        <p>
          Finished {showDay(localDay(workout.finished_at ?? workout.start_ts, zone), "long")}:{" "}
          {counted(workout.exercises.length, "exercise")}, {counted(sets, "set")}.{" "}
          {waiting.length === 0 && (
            <Link href={hrefOf("workouts", workout.id)} className="text-link">
              Open the record
            </Link>
          )}
        </p>
        <dl className="facts">
          {workout.exercises.map((exercise) => (
            <div key={exercise.id}>
              <dt>{exercise.name}</dt>
              <dd>{exercise.sets.map(setText).join(", ") || "no set"}</dd>
            </div>
          ))}
        </dl>
      </section>
    </PageFrame>
  );
}
