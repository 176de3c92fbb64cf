/** What the list adds up to, with all of its filters. */

import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client";
import { runTotals, timelineTotals } from "../api/queries";
import { weight, weightUnit } from "../format/strength";
import { counted, distance, hours, pace, type Units } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { type KindFilter, type LogFilters, runsQueryOf, timelineQueryOf } from "./log-filters";

export function Totals(filters: LogFilters) {
  const { units } = usePerson();
  const ofRuns = filters.kind === "run";
  const runs = useQuery({ ...runTotals(runsQueryOf(filters)), enabled: ofRuns });
  const all = useQuery({ ...timelineTotals(timelineQueryOf(filters)), enabled: !ofRuns });
  const { error, data, refetch } = ofRuns ? runs : all;
  if (error && !data) {
    return (
      <p className="totals" role="alert">
        The totals could not be loaded. {error.message}
        <Button look="quiet" onPress={() => refetch()}>
          Try again
        </Button>
      </p>
    );
  }
  const [first, ...others] = ofRuns
    ? runs.data
      ? wordsOfRuns(runs.data, units)
      : []
    : all.data
      ? wordsOf(filters.kind, all.data, units)
      : [];
  return (
    <p className="totals">
      {/* Until they are there, a blank keeps their place: the list below does not move. */}
      <b>{first ?? "\u00a0"}</b>
      {others.map((words) => (
        <span key={words}>{words}</span>
      ))}
    </p>
  );
}

function wordsOfRuns({ runs, distance: miles, duration }: Schemas["RunTotals"], units: Units): string[] {
  return [counted(runs, "run"), distance(miles, units, 1), hours(duration), pace(duration, miles, units)];
}

function wordsOf(kind: KindFilter, sums: Schemas["SummaryFields"], units: Units): string[] {
  const time = hours(sums.workout_seconds);
  switch (kind) {
    case "lift": {
      const unit = weightUnit(units);
      const volume = unit === "kg" ? sums.volume_kilograms : sums.volume_pounds;
      return [counted(sums.workouts, "lift"), counted(sums.sets, "set"), weight(Math.round(volume), unit), time];
    }
    case "cardio":
      return [counted(sums.workouts, "workout"), distance(sums.cardio_miles, units, 1), time];
    case "reps":
      return [counted(sums.rep_sessions, "session"), counted(sums.counted_reps, "rep"), time];
    default:
      return [
        counted(sums.runs + sums.workouts + sums.rep_sessions, "activity", "activities"),
        distance(sums.run_miles + sums.cardio_miles, units, 1),
        hours(sums.run_seconds + sums.workout_seconds),
      ];
  }
}
