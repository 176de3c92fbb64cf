/** The fastest stretches of a run, wherever in it they are. */

import { duration, METRES_PER_MILE, pace } from "../format/units";
import { usePerson } from "../person";
import { Panel } from "./page";

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
export const EFFORTS = Object.keys(MILES);

/** What a stretch is called where it begins a line. */
export function nameOfEffort(effort: string): string {
  return effort.charAt(0).toUpperCase() + effort.slice(1);
}

export function milesOfEffort(effort: string): number {
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
