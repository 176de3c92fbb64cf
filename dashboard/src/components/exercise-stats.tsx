/** One exercise over time: the estimated maximum, volume, best sets, last time. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import {
  type DaysQuery,
  type ExerciseStats,
  exerciseSets,
  exerciseStats,
  ownExercises,
  type PerformedSet,
} from "../api/strength";
import { Bars } from "../charts/bars";
import { type Dot, Dots } from "../charts/dots";
import { ChartPlace } from "../charts/place";
import { type Day, localDay, showDay } from "../format/days";
import { hrefOf } from "../format/records";
import { periodOf } from "../format/series";
import { converted, setText, type WeightUnit, weight, weightUnit } from "../format/strength";
import { counted } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Count, Figure, FiguresPlace } from "./figures";
import { MergeDialog } from "./merge";
import { Panel } from "./page";
import { HistoryDialog } from "./record-history";
import { Answer, Loading, together } from "./states";

const MAXIMUM_HEIGHT = 220;
const WEEKS_HEIGHT = 150;

export function ExercisePanel({ id, name, query }: { id: string; name: string; query: DaysQuery }) {
  const stats = useQuery(exerciseStats(id, query));
  const sets = useQuery(exerciseSets(id));
  const [shown, setShown] = useState<"history" | "merge">();
  const close = () => setShown(undefined);
  return (
    <Panel
      title={name}
      aside={
        <div className="row">
          <Button look="quiet" aria-label={`History of ${name}`} onPress={() => setShown("history")}>
            History
          </Button>
          <Button look="quiet" aria-label={`Merge ${name}`} onPress={() => setShown("merge")}>
            Merge
          </Button>
        </div>
      }
    >
      <Answer of={together(stats, sets)} place={<Place />}>
        {([data, all]) => (
          <>
            <Figures stats={data} />
            <OverTime sets={all} query={query} />
            <Weeks stats={data} query={query} />
            <LastTime sets={all} />
          </>
        )}
      </Answer>
      {shown === "history" && <HistoryDialog noun="exercises" id={id} onClose={close} />}
      {shown === "merge" && <ExerciseMerge id={id} name={name} onClose={close} />}
    </Panel>
  );
}

/** What stands where an exercise will be. */
function Place() {
  return (
    <>
      <FiguresPlace names={["estimated maximum", "best set, 12 Nov 2026", "volume", "sets", "workouts"]} />
      <section>
        <h3>Estimated maximum</h3>
        <ChartPlace height={MAXIMUM_HEIGHT} />
      </section>
      <section>
        <h3>Volume by week</h3>
        <ChartPlace height={WEEKS_HEIGHT} />
      </section>
      <section>
        <h3>Last time</h3>
        <Loading lines={2} />
      </section>
    </>
  );
}

function ExerciseMerge({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const { data } = useQuery(ownExercises);
  const shown = (one: { id: string; name: string }) => ({ ...one, has: <SetsOf id={one.id} /> });
  if (!data) return null;
  return (
    <MergeDialog
      what="exercise"
      one={shown({ id, name })}
      others={data.filter((other) => other.id !== id).map((other) => shown({ id: other.id, name: other.name }))}
      merge={(into) =>
        answer(api.POST("/v1/exercises/{exercise_id}/merge", { params: { path: { exercise_id: id } }, body: { into } }))
      }
      onClose={onClose}
    />
  );
}

function SetsOf({ id }: { id: string }) {
  const { zone } = usePerson();
  const { data } = useQuery(exerciseStats(id, { time_zone: zone }));
  return data ? `${counted(data.totals.sets, "set")} in ${counted(data.totals.workouts, "workout")}` : "…";
}

function Figures({ stats: { totals, best_set, estimated_one_rep_max: strongest } }: { stats: ExerciseStats }) {
  const unit = weightUnit(usePerson().units);
  const most = unit === "kg" ? strongest?.estimated_one_rep_max_kilograms : strongest?.estimated_one_rep_max_pounds;
  const volume = unit === "kg" ? totals.volume_kilograms : totals.volume_pounds;
  return (
    <dl className="figures">
      <Figure name="estimated maximum" value={most ? weight(Math.round(most), unit) : "–"} />
      <Figure
        name={best_set ? `best set, ${showDay(best_set.achieved_on)}` : "best set"}
        value={best_set ? setText(best_set) : "–"}
      />
      <Figure name="volume" value={weight(Math.round(volume), unit)} />
      <Count of={totals.sets} one="set" />
      <Count of={totals.workouts} one="workout" />
    </dl>
  );
}

/** The best estimated maximum of each day. */
export function bestByDay(sets: PerformedSet[], unit: WeightUnit, zone: string): Dot[] {
  const best = new Map<Day, Dot>();
  for (const set of sets) {
    const most = set.set_type === "warmup" ? null : set.estimated_one_rep_max;
    if (most === null) continue;
    const day = localDay(set.start_ts, zone);
    const value = converted(most, set.weight_unit as WeightUnit, unit);
    if (value > (best.get(day)?.value ?? 0)) best.set(day, { day, value, detail: setText(set) });
  }
  return [...best.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

function OverTime({ sets, query: { start = "", end = "9" } }: { sets: PerformedSet[]; query: DaysQuery }) {
  const { units, zone } = usePerson();
  const unit = weightUnit(units);
  const dots = bestByDay(sets, unit, zone).filter(({ day }) => day >= start && day <= end);
  if (dots.length === 0) return null;
  return (
    <section>
      <h3>Estimated maximum</h3>
      <Dots
        title="Estimated maximum"
        height={MAXIMUM_HEIGHT}
        dots={dots}
        show={(value) => weight(Math.round(value), unit)}
      />
    </section>
  );
}

/** The volume of each week; of an exercise without weights, its repetitions. */
function Weeks({ stats: { weeks }, query }: { stats: ExerciseStats; query: DaysQuery }) {
  const { units, today } = usePerson();
  const unit = weightUnit(units);
  if (weeks.length < 2) return null;
  const weighed = weeks.some(({ volume_pounds }) => volume_pounds > 0);
  const title = weighed ? "Volume" : "Repetitions";
  return (
    <section>
      <h3>{title} by week</h3>
      <Bars
        title={title}
        kind="lift"
        unit={weighed ? unit : undefined}
        height={WEEKS_HEIGHT}
        show={(value) => (weighed ? weight(Math.round(value), unit) : counted(value, "rep"))}
        bars={weeks.map(({ week, reps, volume_kilograms, volume_pounds }) => ({
          ...periodOf(week, "week", today, query),
          value: weighed ? (unit === "kg" ? volume_kilograms : volume_pounds) : reps,
        }))}
      />
    </section>
  );
}

function LastTime({ sets }: { sets: PerformedSet[] }) {
  const { zone } = usePerson();
  const [latest] = sets;
  if (!latest) return null;
  const { workout_id, start_ts, title } = latest;
  return (
    <section>
      <h3>Last time</h3>
      <p>
        <Link href={hrefOf("workouts", workout_id)} className="text-link">
          {title ?? "Workout"}, {showDay(localDay(start_ts, zone))}
        </Link>
      </p>
      <p className="quiet">
        {sets
          .filter((set) => set.workout_id === workout_id)
          .toSorted((a, b) => a.set_index - b.set_index)
          .map(setText)
          .join(", ")}
      </p>
    </section>
  );
}
