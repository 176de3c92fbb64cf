/** Fitness, fatigue and form; without heart-rate values of the profile, how to get them. */

import { useQuery } from "@tanstack/react-query";
import { type MetricsQuery, trainingLoad } from "../api/queries";
import { DayBars } from "../charts/day-bars";
import { Lines } from "../charts/lines";
import { ChartPlace } from "../charts/place";
import { EXPLAINED, TRIMP } from "../format/load";
import { number } from "../format/units";
import { Missing } from "./missing";
import { Answer } from "./states";

const MOST_DAYS = 100;
const TRIMP_HEIGHT = 160;

export function LoadChart({ query, height = 240 }: { query: MetricsQuery; height?: number }) {
  const asked = useQuery(trainingLoad(query));
  return (
    <Answer of={asked} place={<ChartPlace height={height} lines={2} />}>
      {({ days, missing }) => {
        if (missing.length > 0) return <Missing fields={missing} />;
        return (
          <Lines
            title="Fitness, fatigue and form"
            height={height}
            days={days.map(({ date }) => date)}
            series={[
              { name: "Fitness", look: "fitness", values: days.map(({ ctl }) => ctl) },
              { name: "Fatigue", look: "fatigue", values: days.map(({ atl }) => atl) },
              { name: "Form", look: "form", values: days.map(({ tsb }) => tsb) },
            ]}
          />
        );
      }}
    </Answer>
  );
}

/** The training impulse of each day, or of each week where there are many days. */
export function TrimpChart({ query }: { query: MetricsQuery }) {
  const asked = useQuery(trainingLoad(query));
  return (
    <Answer of={asked} place={<ChartPlace height={TRIMP_HEIGHT} />}>
      {({ days, missing }) => {
        if (missing.length > 0) return <Missing fields={missing} />;
        const weekly = days.length > MOST_DAYS;
        return (
          <DayBars
            title={weekly ? "TRIMP by week" : "TRIMP by day"}
            kind="run"
            height={TRIMP_HEIGHT}
            show={(value) => number(value, 0)}
            days={days.map(({ date, trimp }) => ({ start: date, value: trimp ?? 0 }))}
            weekly={weekly}
          />
        );
      }}
    </Answer>
  );
}

export function WhatIsThis() {
  return <Explained texts={Object.values(EXPLAINED)} />;
}

export function WhatIsTrimp() {
  return <Explained texts={[TRIMP]} />;
}

function Explained({ texts }: { texts: string[] }) {
  return (
    <details className="explained small">
      <summary>What is this?</summary>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </details>
  );
}
