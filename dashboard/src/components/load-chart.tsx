/** Fitness, fatigue and form; without heart-rate values of the profile, how to get them. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { type MetricsQuery, trainingLoad } from "../api/queries";
import { Lines } from "../charts/lines";
import { EXPLAINED } from "../format/load";
import { Answer } from "./states";

const NAMES: Record<string, string> = {
  max_heart_rate: "maximum heart rate",
  resting_heart_rate: "resting heart rate",
};

export function LoadChart({ query, height }: { query: MetricsQuery; height?: number }) {
  const asked = useQuery(trainingLoad(query));
  return (
    <Answer of={asked} lines={5}>
      {({ days, missing }) => {
        if (missing.length > 0) {
          return (
            <p className="quiet">
              To work this out, your profile needs your {missing.map((field) => NAMES[field] ?? field).join(" and ")}.{" "}
              <Link href="/settings" className="text-link">
                Add it in Settings
              </Link>
              .
            </p>
          );
        }
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

export function WhatIsThis() {
  return (
    <details className="explained small">
      <summary>What is this?</summary>
      <ul>
        {Object.entries(EXPLAINED).map(([name, text]) => (
          <li key={name}>{text}</li>
        ))}
      </ul>
    </details>
  );
}
