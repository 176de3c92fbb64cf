/** Before a workout: an empty one, or the exercises of an earlier one again. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ago } from "../../format/days";
import { exercises, latestWorkouts } from "../../live/known";
import { startWorkout } from "../../live/live";
import type { Queued } from "../../live/store";
import { titleAt } from "../../live/workout";
import { usePerson } from "../../person";
import { Button } from "../button";
import { TextField } from "../field";
import { PageFrame, Panel } from "../page";
import { Refused, Saved } from "./saved";

const EARLIER = 6;

export function StartWorkout({ user, waiting }: { user: number; waiting: Queued[] }) {
  const { zone } = usePerson();
  const latest = useQuery(latestWorkouts(user));
  // Asked now, so that exercises are found later without a network.
  useQuery(exercises(user));
  const [title, setTitle] = useState(() => titleAt(new Date().getHours()));
  const earlier = (latest.data ?? []).filter((workout) => workout.exercise_executions.length > 0);
  return (
    <PageFrame title="Live" lead={waiting.length > 0 ? <Saved waiting={waiting} /> : "Nothing is going on."}>
      <Refused waiting={waiting} />
      <div className="panels two">
        <Panel title="A new one">
          <TextField label="Title" value={title} onChange={setTitle} />
          <Button look="primary" icon="plus" onPress={() => startWorkout(title.trim() || "Workout")}>
            Start workout
          </Button>
        </Panel>
        {earlier.length > 0 && (
          <Panel title="The same again">
            <ul className="earlier">
              {earlier.slice(0, EARLIER).map((workout) => (
                <li key={workout.id}>
                  <button
                    type="button"
                    onClick={() =>
                      void startWorkout(
                        workout.title ?? title,
                        workout.exercise_executions.map((one) => ({ id: one.exercise_id, name: one.exercise_name })),
                      )
                    }
                  >
                    <span className="earlier-head">
                      <b>{workout.title ?? "Workout"}</b>
                      <span className="small quiet">{ago(workout.start_ts, zone)}</span>
                    </span>
                    <span className="small quiet">
                      {workout.exercise_executions.map((one) => one.exercise_name).join(", ")}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
    </PageFrame>
  );
}
