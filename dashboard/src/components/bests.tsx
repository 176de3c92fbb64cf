/** The best runs by distance, the longest one, and the week and the month with most miles. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { type MetricsQuery, records } from "../api/queries";
import { type Day, showDay } from "../format/days";
import { type Grain, logHref } from "../format/series";
import { distance, pace } from "../format/units";
import { usePerson } from "../person";
import { RunLink } from "./run-link";
import { Answer } from "./states";

export function Bests({ query }: { query: MetricsQuery }) {
  const { units } = usePerson();
  const asked = useQuery(records(query));
  return (
    <Answer of={asked} lines={6}>
      {({ bands, longest_distance, best_week, best_month }) =>
        !longest_distance ? (
          <p className="quiet">No runs in this time.</p>
        ) : (
          <>
            <p className="small quiet">The best average pace of whole runs, from each distance up to the next.</p>
            <table className="plain-table trends-records">
              <thead>
                <tr>
                  <th>Best</th>
                  <th className="number">Pace</th>
                  <th className="number">Distance</th>
                  <th className="number">On</th>
                </tr>
              </thead>
              <tbody>
                {bands.map(
                  ({ band, fastest }) =>
                    fastest && (
                      <tr key={band}>
                        <td>{band}</td>
                        <td className="number">{pace(fastest.duration, fastest.distance, units)}</td>
                        <td className="number">{distance(fastest.distance, units, 1)}</td>
                        <td className="number">
                          <RunLink id={fastest.run_id} day={fastest.date} />
                        </td>
                      </tr>
                    ),
                )}
                <tr>
                  <td>Longest run</td>
                  <td className="number" colSpan={2}>
                    {distance(longest_distance.distance, units, 1)}
                  </td>
                  <td className="number">
                    <RunLink id={longest_distance.run_id} day={longest_distance.date} />
                  </td>
                </tr>
                {best_week && <BestRow name="Best week" miles={best_week.miles} start={best_week.week} grain="week" />}
                {best_month && (
                  <BestRow name="Best month" miles={best_month.miles} start={best_month.month} grain="month" />
                )}
              </tbody>
            </table>
          </>
        )
      }
    </Answer>
  );
}

function BestRow({ name, miles, start, grain }: { name: string; miles: number; start: Day; grain: Grain }) {
  const { units } = usePerson();
  return (
    <tr>
      <td>{name}</td>
      <td className="number" colSpan={2}>
        {distance(miles, units, 1)}
      </td>
      <td className="number">
        <Link href={logHref(start, grain)} className="text-link">
          {grain === "month" ? showDay(start, "month") : showDay(start)}
        </Link>
      </td>
    </tr>
  );
}
