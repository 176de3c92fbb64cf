/** The kilometres or miles of an activity, or its laps: how long each took, as bars in a table. */

import { useState } from "react";
import type { Part } from "../api/points";
import {
  climb,
  distance,
  duration,
  METRES_PER,
  METRES_PER_MILE,
  number,
  pace,
  UNIT,
  type Units,
} from "../format/units";
import { usePerson } from "../person";
import { Chips } from "./chips";
import { Panel } from "./page";
import { PartBar } from "./part-bar";
import { Loading } from "./states";

interface Props {
  splits: Part[];
  laps: Part[];
  /** Whether speeds are shown as paces. */
  paced: boolean;
}

const KINDS = [
  ["splits", "Splits"],
  ["laps", "Laps"],
] as const;

export function Splits({ splits, laps, paced }: Props) {
  const [kind, setKind] = useState<"splits" | "laps">("splits");
  const choice = laps.length > 1 && splits.length > 0;
  const parts = choice ? { splits, laps }[kind] : splits.length > 0 ? splits : laps;
  if (parts.length === 0) return null;
  return (
    <Panel
      title={parts === laps ? "Laps" : "Splits"}
      aside={choice && <Chips name="Parts" options={KINDS} value={kind} onChange={setKind} />}
    >
      <PartTable parts={parts} paced={paced} numbered={parts === laps} />
    </Panel>
  );
}

/** What stands where splits will be: about as many rows as there are kilometres or miles. */
export function SplitsPlace({ metres }: { metres: number }) {
  const { units } = usePerson();
  return (
    <Panel title="Splits">
      <Loading lines={Math.min(30, Math.ceil(metres / METRES_PER[units]) + 1)} />
    </Panel>
  );
}

/** Metres a second; 0 where one of both is not known. */
function speedOf({ distance: metres, seconds }: Part): number {
  return metres && seconds ? metres / seconds : 0;
}

function PartTable({ parts, paced, numbered }: { parts: Part[]; paced: boolean; numbered: boolean }) {
  const { units } = usePerson();
  const most = Math.max(...parts.map(speedOf));
  const beats = parts.some(({ avg_heart_rate }) => avg_heart_rate !== null);
  const climbs = parts.some(({ ascent }) => ascent !== null);
  return (
    <table className={`plain-table parts ${numbered ? "laps" : ""}`}>
      <thead>
        <tr>
          <th>{numbered ? "Lap" : UNIT[units]}</th>
          <th className="part-bar">
            <span className="hidden-label">Bar</span>
          </th>
          <th className="number">{paced ? "Pace" : "Speed"}</th>
          {numbered && <th className="number">Distance</th>}
          {numbered && <th className="number">Time</th>}
          {beats && <th className="number">Heart rate</th>}
          {climbs && <th className="number">Climb</th>}
        </tr>
      </thead>
      <tbody>
        {parts.map((part, index) => (
          <tr key={part.start}>
            <td>{numbered ? index + 1 : endOf(parts, index, units)}</td>
            <td className="part-bar">
              <PartBar share={speedOf(part) / most} look="pace" />
            </td>
            <td className="number">{speedText(part, units, paced)}</td>
            {numbered && (
              <td className="number">{part.distance === null ? "–" : shownDistance(part.distance, units)}</td>
            )}
            {numbered && <td className="number">{part.seconds === null ? "–" : duration(part.seconds)}</td>}
            {beats && (
              <td className="number">{part.avg_heart_rate === null ? "–" : Math.round(part.avg_heart_rate)}</td>
            )}
            {climbs && <td className="number">{part.ascent === null ? "–" : climb(part.ascent, units)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "3", or "3.4" at the end of what is no whole one. */
function endOf(parts: Part[], index: number, units: Units): string {
  const whole = (parts[index]?.distance ?? 0) / METRES_PER[units];
  return index === parts.length - 1 && whole < 0.99 ? number(index + whole, 2) : String(index + 1);
}

function shownDistance(metres: number, units: Units): string {
  return distance(metres / METRES_PER_MILE, units);
}

function speedText({ distance: metres, seconds }: Part, units: Units, paced: boolean): string {
  if (!metres || !seconds) return "–";
  if (paced) return pace(seconds, metres / METRES_PER_MILE, units);
  return `${number((metres / METRES_PER[units] / seconds) * 3600, 1)} ${UNIT[units]}/h`;
}
