/** How much of what was planned for some days was done: all that was run in them, and what of it fulfils the plan. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type AdherenceWeek, adherence } from "../api/plan";
import { mileage } from "../api/queries";
import type { Range } from "../api/today";
import { distance, fromMiles, hours, METRES_PER_MILE, number, type Units } from "../format/units";
import { usePerson } from "../person";
import { together } from "./states";

type Sums = Omit<AdherenceWeek, "week">;

function sumOf(weeks: AdherenceWeek[], name: keyof Sums): number {
  return weeks.reduce((sum, week) => sum + week[name], 0);
}

/** "14.9 of 21.0 mi", in the same words wherever a week is compared with its plan; without a plan "14.9 mi". */
export function RunOfPlanned({ run, planned }: { run: number; planned: number }) {
  const { units } = usePerson();
  if (planned === 0) return <b>{distance(run, units, 1)}</b>;
  return (
    <>
      <b>{number(fromMiles(run, units), 1)}</b> of {distance(planned, units, 1)}
    </>
  );
}

/** "2.4 mi done as planned", on whichever days; nothing where none are. */
export function asPlanned(weeks: AdherenceWeek[], units: Units): string {
  const metres = sumOf(weeks, "done_distance_meters");
  return metres > 0 ? `${distance(metres / METRES_PER_MILE, units, 1)} done as planned` : "";
}

/** The miles that are planned. */
export function plannedMiles(weeks: AdherenceWeek[]): number {
  return sumOf(weeks, "planned_distance_meters") / METRES_PER_MILE;
}

/** What the figures of some days are made of. */
export function useAdherence(range: Range) {
  return together(useQuery(adherence(range)), useQuery(mileage("day", range)));
}

/** What those days are called, and the figures; nothing where nothing was planned for them. */
export function Adherence({ name, of: [weeks, days] }: { name: string; of: [AdherenceWeek[], { miles: number }[]] }) {
  return sumOf(weeks, "planned") > 0 && <Figures name={name} weeks={weeks} days={days} />;
}

function Figures({ name: range, weeks, days }: { name: string; weeks: AdherenceWeek[]; days: { miles: number }[] }) {
  const { units } = usePerson();
  const of = (name: keyof Sums) => sumOf(weeks, name);
  const run = days.reduce((sum, { miles }) => sum + miles, 0);
  const ofPlanned = (done: number, planned: number, show: (figure: number) => string) =>
    planned > 0 && `${show(done)} of ${show(planned)}`;
  const figures: [name: string, value: ReactNode, also?: string][] = [
    [`run ${range}`, <RunOfPlanned key="run" run={run} planned={plannedMiles(weeks)} />, asPlanned(weeks, units)],
    ["workouts done as planned", `${of("done")} of ${of("planned")}`],
    ["missed", of("missed")],
    ["moved", of("moved")],
    ["time as planned", ofPlanned(of("done_hours") * 3600, of("planned_hours") * 3600, hours)],
    ["training stress as planned", ofPlanned(of("done_tss"), of("planned_tss"), (tss) => number(tss, 0))],
  ];
  return (
    <section className="panel plan-adherence" aria-label="Planned against done">
      <dl className="figures">
        {figures
          .filter(([, value]) => value !== false)
          .map(([name, value, also]) => (
            <div key={name}>
              <dt>
                {name}
                {also && <span className="plan-also">{also}</span>}
              </dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
