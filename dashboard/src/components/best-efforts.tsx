/** The fastest stretches of a run or of all runs, wherever in a run they are. */

import { useQuery } from "@tanstack/react-query";
import { bestEfforts, type MetricsQuery } from "../api/queries";
import { type Day, localDay } from "../format/days";
import { duration, METRES_PER_MILE, pace } from "../format/units";
import { usePerson } from "../person";
import { Panel } from "./page";
import { RunLink } from "./run-link";
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

interface Stretch {
  effort: string;
  seconds: number;
  /** Where it was run, in a table of more than one run. */
  run?: { id: string; day: Day };
}

function Stretches({ of }: { of: Stretch[] }) {
  const { units } = usePerson();
  const ofMany = of.some(({ run }) => run);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>Stretch</th>
          <th className="number">Pace</th>
          <th className="number">Time</th>
          {ofMany && <th className="number">On</th>}
        </tr>
      </thead>
      <tbody>
        {of.map(({ effort, seconds, run }) => (
          <tr key={effort}>
            <td>{nameOfEffort(effort)}</td>
            <td className="number">{pace(seconds, MILES[effort] ?? 0, units)}</td>
            <td className="number">{duration(seconds)}</td>
            {run && (
              <td className="number">
                <RunLink {...run} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function BestEfforts({ efforts }: { efforts: Record<string, number> }) {
  const shown = EFFORTS.flatMap((effort) => {
    const seconds = efforts[effort];
    return seconds === undefined ? [] : [{ effort, seconds }];
  });
  if (shown.length === 0) return null;
  return (
    <Panel title="Best efforts">
      <Stretches of={shown} />
    </Panel>
  );
}

/** The fastest stretch of each length in all runs. */
export function FastestStretches({ query }: { query: MetricsQuery }) {
  const { zone } = usePerson();
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
          <Stretches
            of={items.map(({ effort, seconds, run_id, datetime_utc }) => ({
              effort,
              seconds,
              run: { id: run_id, day: localDay(datetime_utc, zone) },
            }))}
          />
        )
      }
    </Answer>
  );
}
