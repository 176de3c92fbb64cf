/** How a run stands among those of about its distance in the year before. */

import { useInfiniteQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client";
import { allItems, type Run, runs } from "../api/queries";
import { addDays, localDay } from "../format/days";
import { distance, fromMiles, pace, signedDuration } from "../format/units";
import { usePerson } from "../person";
import { Panel } from "./page";
import { RunLink } from "./run-link";

/** By how much of its distance another run may be longer or shorter. */
const ABOUT = 0.15;
const SHOWN = 5;

/** The runs of the year up to a run, itself among them; of many, the latest. */
export function useYearOfRuns({ datetime_utc }: Schemas["Run"]) {
  const { zone } = usePerson();
  const day = localDay(datetime_utc, zone);
  return useInfiniteQuery(runs({ start: addDays(day, -365), end: day }));
}

const paceOf = ({ duration, distance: miles }: Pick<Run, "duration" | "distance">) => duration / miles;

function isAlike(run: Schemas["Run"], other: Run): boolean {
  return (
    other.datetime_utc < run.datetime_utc &&
    other.duration > 0 &&
    Math.abs(other.distance - run.distance) <= ABOUT * run.distance
  );
}

export function Alike({ run }: { run: Schemas["Run"] }) {
  const { units, zone } = usePerson();
  const asked = useYearOfRuns(run);
  const all = allItems(asked.data);
  const alike = all.filter((other) => isAlike(run, other));
  if (alike.length === 0 || !(run.distance > 0 && run.duration > 0)) return null;
  const slower = alike.filter((other) => paceOf(other) > paceOf(run)).length;
  const since = asked.hasNextPage ? `among the ${all.length} latest before it` : "in the year before it";
  const apart = (other: Run) => (paceOf(other) - paceOf(run)) / fromMiles(1, units);
  return (
    <Panel title="Runs like this one">
      <p>
        <b>
          Faster than {slower} of {alike.length}
        </b>{" "}
        <span className="quiet">
          between {distance(run.distance * (1 - ABOUT), units, 1)} and {distance(run.distance * (1 + ABOUT), units, 1)},{" "}
          {since}. {alike.length > SHOWN && `The latest ${SHOWN} of them:`}
        </span>
      </p>
      <table className="plain-table alike">
        <thead>
          <tr>
            <th>On</th>
            <th className="number">Distance</th>
            <th className="number">Pace</th>
            <th className="number">Heart rate</th>
          </tr>
        </thead>
        <tbody>
          {alike.slice(0, SHOWN).map((other) => (
            <tr key={other.id}>
              <td>
                <RunLink id={other.id} day={localDay(other.datetime_utc, zone)} />
              </td>
              <td className="number">{distance(other.distance, units)}</td>
              <td className="number">
                {pace(other.duration, other.distance, units)}{" "}
                <span className="small quiet">{signedDuration(apart(other))}</span>
              </td>
              <td className="number">{other.avg_heart_rate ? `${Math.round(other.avg_heart_rate)} bpm` : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
