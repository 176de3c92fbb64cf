/** What the rep counter counted. */

import { useQuery } from "@tanstack/react-query";
import { type DaysQuery, repStats } from "../api/strength";
import { DayBars } from "../charts/day-bars";
import { showDay } from "../format/days";
import { repsTitle } from "../format/strength";
import { counted, hours, number } from "../format/units";
import { usePerson } from "../person";
import { Count, Figure } from "./figures";
import { Panel } from "./page";
import { Answer } from "./states";

const MOST_DAYS = 45;

export function RepCounter({ query }: { query: DaysQuery }) {
  const { today } = usePerson();
  const asked = useQuery(repStats(query, today));
  return (
    <Panel title="Rep counter">
      <Answer of={asked} lines={4}>
        {({ totals, exercise_types, days: byDay }) => {
          if (totals.sessions === 0) return <p className="quiet">No rep sessions in this time.</p>;
          return (
            <>
              <dl className="figures">
                <Count of={totals.reps} one="rep" />
                <Count of={totals.sessions} one="session" />
                <Figure name="time" value={hours(totals.duration_seconds)} />
              </dl>
              <DayBars
                title="Repetitions"
                kind="reps"
                height={160}
                show={(value) => counted(value, "rep")}
                days={byDay.map(({ day, reps }) => ({ start: day, value: reps }))}
                weekly={byDay.length > MOST_DAYS}
              />
              <table className="plain-table">
                <thead>
                  <tr>
                    <th>Exercise</th>
                    <th className="number">Reps</th>
                    <th className="number">A session</th>
                    <th className="number">Most</th>
                  </tr>
                </thead>
                <tbody>
                  {exercise_types.map((one) => (
                    <tr key={one.exercise_type}>
                      <td>{repsTitle(one.exercise_type)}</td>
                      <td className="number">{number(one.reps, 0)}</td>
                      <td className="number">{number(one.average_reps, 0)}</td>
                      <td className="number">
                        {one.record_reps} <span className="small quiet">{showDay(one.record_on)}</span>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}
