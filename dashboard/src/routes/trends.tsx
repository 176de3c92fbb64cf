/** What runs add up to over time: mileage, load, records, streaks. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useLocation } from "wouter";
import { type MetricsQuery, mileage, streaks, totals } from "../api/queries";
import { Bars } from "../charts/bars";
import { ChartPlace } from "../charts/place";
import { oneOf, useAddress } from "../components/address";
import { FastestStretches } from "../components/best-efforts";
import { Bests } from "../components/bests";
import { Chips } from "../components/chips";
import { Count, Figure, FiguresPlace } from "../components/figures";
import { LoadChart, TrimpChart, WhatIsThis, WhatIsTrimp } from "../components/load-chart";
import { PageFrame, Panel } from "../components/page";
import { PeriodPicker, usePeriod } from "../components/period";
import { Answer } from "../components/states";
import { type Day, daysBetween, showDay } from "../format/days";
import { GRAINS, type Grain, logHref, MEAN_OF, periodOf, spanOf, withMeans, yearBefore } from "../format/series";
import { counted, distance, fromMiles, hours, number, pace, UNIT } from "../format/units";
import { usePerson } from "../person";
import "../styles/charts.css";
import "../styles/today.css";
import "../styles/trends.css";

const CHOICES = GRAINS.map((grain) => [grain, `By ${grain}`] as const);

function grainFor(range: { start?: Day; end?: Day }): Grain {
  if (!range.start || !range.end) return "month";
  const days = daysBetween(range.start, range.end);
  return days <= 45 ? "day" : days <= 200 ? "week" : "month";
}

export default function Trends() {
  const { today, zone } = usePerson();
  const [address, change] = useAddress();
  const days = usePeriod("365");
  const { range } = days;
  const grain = oneOf(address.by, GRAINS, grainFor(range));
  const query = { ...range, time_zone: zone };
  return (
    <PageFrame title="Trends">
      <div className="trends-periods">
        <PeriodPicker {...days} />
      </div>
      <div className="panels">
        <PeriodTotals query={query} today={today} />
        <Panel
          title="Mileage"
          aside={<Chips name="Bars" options={CHOICES} value={grain} onChange={(by) => change({ by })} />}
        >
          <MileageChart grain={grain} query={query} />
        </Panel>
        <Panel title="Fitness, fatigue and form" aside={<WhatIsThis />}>
          <LoadChart query={query} />
        </Panel>
        <Panel title="TRIMP" aside={<WhatIsTrimp />}>
          <TrimpChart query={query} />
        </Panel>
        <div className="panels two">
          <Panel title="Records">
            <Bests query={query} />
          </Panel>
          <Panel title="Best efforts">
            <FastestStretches query={query} />
          </Panel>
        </div>
        <Panel title="Streaks">
          <Streaks />
        </Panel>
      </div>
    </PageFrame>
  );
}

const TOTALS = ["distance", "time", "runs", "pace", "a day"] as const;

function PeriodTotals({ query, today }: { query: MetricsQuery; today: Day }) {
  const { units } = usePerson();
  const asked = useQuery(totals(query, today));
  const names = query.start ? TOTALS : TOTALS.slice(0, -1);
  return (
    <Answer of={asked} place={<FiguresPlace className="trends-totals" names={names} />}>
      {({ miles, seconds, runs, days }) => (
        <dl className="figures trends-totals" aria-label="Totals" data-old={asked.isPlaceholderData || undefined}>
          <Figure name={TOTALS[0]} value={distance(miles, units, 1)} />
          <Figure name={TOTALS[1]} value={hours(seconds)} />
          <Count of={runs} one="run" />
          <Figure name={TOTALS[3]} value={pace(seconds, miles, units)} />
          {days && <Figure name={TOTALS[4]} value={distance(miles / days, units)} />}
        </dl>
      )}
    </Answer>
  );
}

const MILEAGE_HEIGHT = 220;

function MileageChart({ grain: wanted, query }: { grain: Grain; query: MetricsQuery }) {
  const { units, firstDay, today } = usePerson();
  const [, go] = useLocation();
  const span = spanOf(query, wanted, firstDay);
  const asked = useQuery(mileage(wanted, { ...query, start: span.before, end: span.end }));
  const before = useYearBefore(wanted, { ...query, start: span.start, end: span.end });
  // Until the sums of weeks are there, those of months are shown, as months.
  const there = useRef(wanted);
  if (!asked.isPlaceholderData) there.current = wanted;
  const grain = there.current;
  return (
    <Answer of={asked} place={<ChartPlace height={MILEAGE_HEIGHT} lines={3} />}>
      {(sums) => {
        const valued = sums.map(({ start, miles }) => ({ start, value: fromMiles(miles, units) }));
        const bars = withMeans(valued, grain, today).filter(({ start }) => !span.start || start >= span.start);
        const all = [...bars.map(({ value }) => value), ...(before?.values() ?? [])];
        if (all.every((miles) => miles === 0)) return <p className="quiet">No runs in this time.</p>;
        return (
          <Bars
            title="Mileage"
            kind="run"
            unit={UNIT[units]}
            height={MILEAGE_HEIGHT}
            lineName={MEAN_OF[grain].name}
            behindName={before && "the year before"}
            show={(value) => `${number(value, 1)} ${UNIT[units]}`}
            onOpen={({ key }) => go(logHref(key, grain))}
            bars={bars.map(({ start, ...bar }) => ({
              ...bar,
              ...periodOf(start, grain, today),
              behind: before && fromMiles(before.get(yearBefore(start, grain)) ?? 0, units),
            }))}
          />
        );
      }}
    </Answer>
  );
}

/** The miles of each day, week or month a year before; nothing of all time. */
function useYearBefore(grain: Grain, { start, end, ...query }: MetricsQuery): Map<Day, number> | undefined {
  const range = start && end ? { start: yearBefore(start, grain), end: yearBefore(end, grain) } : undefined;
  const { data, isPlaceholderData } = useQuery({
    ...mileage(grain, { ...query, ...range }),
    enabled: range !== undefined,
  });
  return range && data && !isPlaceholderData ? new Map(data.map((sum) => [sum.start, sum.miles])) : undefined;
}

function Streaks() {
  const asked = useQuery(streaks);
  return (
    <Answer of={asked} lines={3}>
      {({ days, weeks }) => (
        <dl className="streaks">
          {(
            [
              ["day", days],
              ["week", weeks],
            ] as const
          ).map(([unit, streak]) => (
            <div key={unit}>
              <dt>{unit === "day" ? "Days in a row" : "Weeks in a row"}</dt>
              <dd>
                <b>{streak.current}</b> now
              </dd>
              <dd className="quiet">
                Longest: {counted(streak.longest, unit)}
                {streak.longest_from && `, ${showDay(streak.longest_from)}`}
                {streak.longest_to && streak.longest_to !== streak.longest_from && ` – ${showDay(streak.longest_to)}`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Answer>
  );
}
