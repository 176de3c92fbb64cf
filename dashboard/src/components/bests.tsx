/** The best runs by distance, the longest one, and the week and the month with most miles. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
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
                <FurthestRow name="Longest run" miles={longest_distance.distance}>
                  <RunLink id={longest_distance.run_id} day={longest_distance.date} />
                </FurthestRow>
                {best_week && (
                  <FurthestRow name="Best week" miles={best_week.miles}>
                    <LogLink start={best_week.week} grain="week" />
                  </FurthestRow>
                )}
                {best_month && (
                  <FurthestRow name="Best month" miles={best_month.miles}>
                    <LogLink start={best_month.month} grain="month" />
                  </FurthestRow>
                )}
              </tbody>
            </table>
          </>
        )
      }
    </Answer>
  );
}

/** A record by distance alone, and what leads to it. */
function FurthestRow({ name, miles, children }: { name: string; miles: number; children: ReactNode }) {
  const { units } = usePerson();
  return (
    <tr>
      <td>{name}</td>
      <td className="number" colSpan={2}>
        {distance(miles, units, 1)}
      </td>
      <td className="number">{children}</td>
    </tr>
  );
}

function LogLink({ start, grain }: { start: Day; grain: Grain }) {
  return (
    <Link href={logHref(start, grain)} className="text-link">
      {grain === "month" ? showDay(start, "month") : showDay(start)}
    </Link>
  );
}
