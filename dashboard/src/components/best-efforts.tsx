/** The fastest stretches of a run or of all runs, wherever in a run they are. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { bestEfforts, type MetricsQuery } from "../api/queries";
import { localDay, showDay } from "../format/days";
import { duration, METRES_PER_MILE, pace } from "../format/units";
import { usePerson } from "../person";
import { Panel } from "./page";
import { Answer } from "./states";

const MILES: Record<string, number> = {
  "400 m": 400 / METRES_PER_MILE,
  "1 km": 1000 / METRES_PER_MILE,
  "1 mile": 1,
  "5 km": 5000 / METRES_PER_MILE,
  "10 km": 10_000 / METRES_PER_MILE,
  "half marathon": 21_097.5 / METRES_PER_MILE,
  marathon: 42_195 / METRES_PER_MILE,
};

/** The names of stretches, the shortest first. */
const EFFORTS = Object.keys(MILES);

/** What a stretch is called where it begins a line. */
function nameOfEffort(effort: string): string {
  return effort.charAt(0).toUpperCase() + effort.slice(1);
}

function milesOfEffort(effort: string): number {
  return MILES[effort] ?? 0;
}

export function BestEfforts({ efforts }: { efforts: Record<string, number> }) {
  const { units } = usePerson();
  const shown = EFFORTS.filter((effort) => efforts[effort] !== undefined);
  if (shown.length === 0) return null;
  return (
    <Panel title="Best efforts">
      <table className="plain-table">
        <thead>
          <tr>
            <th>Stretch</th>
            <th className="number">Time</th>
            <th className="number">Pace</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((effort) => {
            const seconds = efforts[effort] ?? 0;
            return (
              <tr key={effort}>
                <td>{nameOfEffort(effort)}</td>
                <td className="number">{duration(seconds)}</td>
                <td className="number">{pace(seconds, milesOfEffort(effort), units)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}

/** The fastest stretch of each length in all runs. */
export function FastestStretches({ query }: { query: MetricsQuery }) {
  const { units, zone } = usePerson();
  const asked = useQuery(bestEfforts(query));
  return (
    <Answer of={asked} lines={6}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="quiet">
            The fastest 400 m, kilometre, mile and more, wherever in a run they are. They need runs with points: import
            FIT, GPX or TCX files.
          </p>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th>Stretch</th>
                <th className="number">Pace</th>
                <th className="number">Time</th>
                <th className="number">On</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ effort, seconds, run_id, datetime_utc }) => (
                <tr key={effort}>
                  <td>{nameOfEffort(effort)}</td>
                  <td className="number">{pace(seconds, milesOfEffort(effort), units)}</td>
                  <td className="number">{duration(seconds)}</td>
                  <td className="number">
                    <Link href={`/runs/${encodeURIComponent(run_id)}`} className="text-link">
                      {showDay(localDay(datetime_utc, zone))}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Answer>
  );
}
