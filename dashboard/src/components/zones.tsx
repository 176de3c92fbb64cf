/** How long the heart was in each of its zones. */

import type { Analysis } from "../api/points";
import { duration, number } from "../format/units";
import { Missing } from "./missing";
import { Panel } from "./page";
import { PartBar } from "./part-bar";

type Zone = NonNullable<Analysis["zones"]>[number];

export function Zones({ zones, trimp }: { zones: Zone[] | null; trimp: number | null }) {
  return (
    <Panel title="Time in zones">
      {zones === null ? <Missing fields={["max_heart_rate"]} /> : <ZoneTable zones={zones} />}
      {trimp !== null && (
        <p className="small quiet">
          TRIMP from each point: {number(trimp, 0)}. Elsewhere, TRIMP is computed from the average heart rate.
        </p>
      )}
    </Panel>
  );
}

function ZoneTable({ zones }: { zones: Zone[] }) {
  const all = Math.max(
    1,
    zones.reduce((sum, { seconds }) => sum + seconds, 0),
  );
  const most = Math.max(1, ...zones.map(({ seconds }) => seconds));
  return (
    <table className="plain-table parts">
      <thead>
        <tr>
          <th>Zone, bpm</th>
          <th className="part-bar">
            <span className="hidden-label">Bar</span>
          </th>
          <th className="number">Time</th>
          <th className="number">Share</th>
        </tr>
      </thead>
      <tbody>
        {zones.map((zone, index) => (
          <tr key={zone.from ?? 0}>
            <td>
              <b>{index + 1}</b> <span className="small quiet">{boundsOf(zone)}</span>
            </td>
            <td className="part-bar">
              <PartBar share={zone.seconds / most} look="heart" />
            </td>
            <td className="number">{duration(zone.seconds)}</td>
            <td className="number">{Math.round((100 * zone.seconds) / all)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function boundsOf({ from, to }: Zone): string {
  if (from === null) return `below ${to}`;
  return to === null ? `from ${from}` : `${from}–${to - 1}`;
}
