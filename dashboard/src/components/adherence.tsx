/** How much of what was planned for some days was done. */

import { useQuery } from "@tanstack/react-query";
import { type AdherenceWeek, adherence } from "../api/plan";
import type { Day } from "../format/days";
import { distance, hours, METRES_PER_MILE } from "../format/units";
import { usePerson } from "../person";
import { Answer } from "./states";

type Sums = Omit<AdherenceWeek, "week">;

function sumOf(weeks: AdherenceWeek[], name: keyof Sums): number {
  return weeks.reduce((sum, week) => sum + week[name], 0);
}

export function Adherence({ start, end }: { start: Day; end: Day }) {
  const { zone } = usePerson();
  const asked = useQuery(adherence({ start, end, time_zone: zone }));
  return (
    <Answer of={asked} lines={1}>
      {(weeks) => (sumOf(weeks, "planned") > 0 ? <Figures weeks={weeks} /> : null)}
    </Answer>
  );
}

function Figures({ weeks }: { weeks: AdherenceWeek[] }) {
  const { units } = usePerson();
  const of = (name: keyof Sums) => sumOf(weeks, name);
  const miles = (name: keyof Sums) => distance(of(name) / METRES_PER_MILE, units, 1);
  const figures = [
    ["workouts done", `${of("done")} of ${of("planned")}`],
    ["missed", of("missed")],
    ["moved", of("moved")],
    ["time", `${hours(of("done_hours") * 3600)} of ${hours(of("planned_hours") * 3600)}`],
    ["distance", `${miles("done_distance_meters")} of ${miles("planned_distance_meters")}`],
    ["training stress", `${Math.round(of("done_tss"))} of ${Math.round(of("planned_tss"))}`],
  ] as const;
  return (
    <section className="panel plan-adherence" aria-label="Planned against done">
      <dl className="figures">
        {figures
          .filter(([, value]) => value !== "0 of 0")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
