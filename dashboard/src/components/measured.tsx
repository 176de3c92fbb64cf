/** What a device measured along a record: its route and curves, splits, zones and best efforts. */

import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { ApiError } from "../api/client";
import { analysis, type Measured as Noun, originals, points } from "../api/points";
import { UNIT } from "../format/units";
import { usePerson } from "../person";
import { BestEfforts } from "./best-efforts";
import { late } from "./late";
import { Panel } from "./page";
import { Splits, SplitsPlace } from "./splits";
import { Answer, Failure } from "./states";
import { WayPlace } from "./way-place";
import { Zones } from "./zones";
import "../styles/charts.css";
import "../styles/measured.css";

/** An activity without points needs nothing that draws. */
const Way = late(() => import("./way"));

interface Props {
  noun: Noun;
  id: string;
  points_id: string;
  /** Metres, to keep as much room free as the splits will take. */
  metres: number;
  /** Whether positions and heart rates are to be expected, to keep their room free. */
  outdoors: boolean;
  beats: boolean;
}

export function Measured({ noun, id, points_id, metres, outdoors, beats }: Props) {
  const { units } = usePerson();
  const measured = useQuery(points(noun, id, points_id));
  const derived = useQuery(analysis(noun, id, points_id, UNIT[units]));
  if (measured.error instanceof ApiError && measured.error.status === 410) return <Removed />;
  if (measured.error && !measured.data) {
    return (
      <Panel title="Route and curves">
        <Failure error={measured.error} retry={measured.refetch} />
      </Panel>
    );
  }
  const paced = noun === "runs";
  const place = <WayPlace outdoors={outdoors} tracks={1 + Number(beats) + Number(outdoors)} />;
  return (
    <>
      <Suspense fallback={place}>{measured.data ? <Way points={measured.data} noun={noun} /> : place}</Suspense>
      <Answer of={derived} place={<SplitsPlace metres={metres} />}>
        {({ splits, laps, zones, best_efforts, trimp_from_points }) => (
          <>
            <Splits splits={splits} laps={laps} paced={paced} />
            <div className="panels two">
              {measured.data?.heart_rate && <Zones zones={zones} trimp={trimp_from_points} />}
              {paced && <BestEfforts efforts={best_efforts} />}
            </div>
          </>
        )}
      </Answer>
    </>
  );
}

/** The laps of a record without points, where its files have some. */
export function Laps({ noun, id }: Pick<Props, "noun" | "id">) {
  const { units } = usePerson();
  const files = useQuery(originals(noun, id));
  const lapped = files.data?.some(({ laps }) => (laps ?? 0) > 1) ?? false;
  const derived = useQuery({ ...analysis(noun, id, null, UNIT[units]), enabled: lapped });
  if (!lapped) return null;
  return (
    <Answer of={derived} place={<SplitsPlace metres={0} />}>
      {({ laps }) => <Splits splits={[]} laps={laps} paced={noun === "runs"} />}
    </Answer>
  );
}

function Removed() {
  return (
    <Panel title="Route and curves">
      <p className="quiet">
        The points of this activity were removed. Its file brings them back when it is imported or read again.
      </p>
    </Panel>
  );
}
