/** Lifts over time: every exercise with its best, and one of them in full. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { Schemas } from "../api/client";
import { ownExercises, userStats } from "../api/strength";
import { useAddress } from "../components/address";
import { Button } from "../components/button";
import { ExercisePanel } from "../components/exercise-stats";
import { Count, Figure } from "../components/figures";
import { overlay } from "../components/late";
import { useNarrow } from "../components/narrow";
import { PageFrame, Panel } from "../components/page";
import { PeriodPicker, usePeriod } from "../components/period";
import { HistoryDialog } from "../components/record-history";
import { RepCounter } from "../components/reps";
import { SelectField } from "../components/select-field";
import { Answer, Empty } from "../components/states";
import { showDay } from "../format/days";
import { setText, weight, weightUnit } from "../format/strength";
import { hours } from "../format/units";
import { usePerson } from "../person";
import "../styles/charts.css";
import "../styles/trends.css";
import "../styles/history.css";
import "../styles/strength.css";

const TrashDialog = overlay(() => import("../components/trash-dialog"));

type Stats = Schemas["UserStats"];

export default function Strength() {
  const { zone } = usePerson();
  const [address, change] = useAddress();
  const days = usePeriod("365");
  const [trash, setTrash] = useState(false);
  const { range } = days;
  const query = { ...range, time_zone: zone };
  const asked = useQuery(userStats(query));
  return (
    <PageFrame
      title="Strength"
      actions={
        <>
          <Button look="quiet" onPress={() => setTrash(true)}>
            Trash
          </Button>
          <Link href="/live" className="button primary">
            Start workout
          </Link>
        </>
      }
    >
      <div className="trends-periods">
        <PeriodPicker {...days} />
      </div>
      <div className="panels" data-old={asked.isPlaceholderData || undefined}>
        <Answer of={asked} lines={8}>
          {(stats) => (
            <>
              <Totals stats={stats} />
              <Exercises
                stats={stats}
                shown={address.exercise}
                onShow={(exercise) => change({ exercise })}
                query={query}
              />
              <RepCounter query={query} />
            </>
          )}
        </Answer>
      </div>
      {trash && <TrashDialog noun="exercises" onClose={() => setTrash(false)} />}
      {address.history && (
        <HistoryDialog noun="exercises" id={address.history} onClose={() => change({ history: undefined })} />
      )}
    </PageFrame>
  );
}

function Totals({ stats: { totals } }: { stats: Stats }) {
  const unit = weightUnit(usePerson().units);
  return (
    <dl className="figures trends-totals" aria-label="Totals">
      <Count of={totals.strength_workouts} one="workout" />
      <Count of={totals.sets} one="set" />
      <Count of={totals.reps} one="rep" />
      <Figure
        name="volume"
        value={weight(Math.round(unit === "kg" ? totals.volume_kilograms : totals.volume_pounds), unit)}
      />
      <Figure name="time" value={hours(totals.strength_seconds)} />
    </dl>
  );
}

interface Row {
  id: string;
  name: string;
  record?: Stats["personal_records"][number];
}

/** The exercises most done first, then those with a record alone; behind them those without a weight. */
function rowsOf({ most_performed_exercises, personal_records }: Stats): Row[] {
  const records = new Map(personal_records.map((record) => [record.exercise_id, record]));
  const most = most_performed_exercises.map(({ exercise_id, name }) => ({
    id: exercise_id,
    name,
    record: records.get(exercise_id),
  }));
  const known = new Set(most.map(({ id }) => id));
  const rest = personal_records.filter(({ exercise_id }) => !known.has(exercise_id));
  const rows = [...most, ...rest.map((record) => ({ id: record.exercise_id, name: record.name, record }))];
  return rows.toSorted((a, b) => Number(!a.record) - Number(!b.record));
}

function Exercises({
  stats,
  shown,
  onShow,
  query,
}: {
  stats: Stats;
  shown?: string;
  onShow: (id?: string) => void;
  query: Parameters<typeof ExercisePanel>[0]["query"];
}) {
  const narrow = useNarrow();
  const { data: own } = useQuery(ownExercises);
  const rows = rowsOf(stats);
  const listed = new Set(rows.map(({ id }) => id));
  const others = (own ?? []).filter(({ id }) => !listed.has(id));
  const named = shown ? [...rows, ...others].find(({ id }) => id === shown) : undefined;
  const isAwaited = shown !== undefined && !named && !own;
  const current = named ?? (narrow || isAwaited ? undefined : rows[0]);
  if (rows.length === 0 && !current && !isAwaited) {
    return <Empty title="No lifts in this time">Start a workout, or import them from Hevy.</Empty>;
  }
  return (
    <div className="strength">
      {!(narrow && current) && (
        <Panel title="Exercises">
          <ExerciseTable rows={rows} current={current?.id} onShow={onShow} />
          {others.length > 0 && (
            <SelectField
              label="Another exercise"
              options={[
                ["", rows.length > 0 ? "None" : "Choose"],
                ...others.map(({ id, name }) => [id, name] as const),
              ]}
              value={current && !listed.has(current.id) ? current.id : ""}
              onChange={(id) => onShow(id || undefined)}
            />
          )}
        </Panel>
      )}
      {current && (
        <div className="strength-one">
          {narrow && (
            <Button look="quiet" icon="back" onPress={() => onShow(undefined)}>
              All exercises
            </Button>
          )}
          <ExercisePanel key={current.id} id={current.id} name={current.name} query={query} />
        </div>
      )}
    </div>
  );
}

function ExerciseTable({ rows, current, onShow }: { rows: Row[]; current?: string; onShow: (id: string) => void }) {
  return (
    <ul className="strength-list">
      {rows.map(({ id, name, record }) => (
        <li key={id}>
          <button type="button" aria-current={id === current || undefined} onClick={() => onShow(id)}>
            <span className="strength-name">{name}</span>
            {record && (
              <>
                <b>{setText(record)}</b>
                <span className="small quiet">{showDay(record.achieved_on)}</span>
                <span className="small quiet number">best set</span>
              </>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
