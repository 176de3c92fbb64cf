/** What stands where the way of an activity will be, until it is measured and drawn: as high as it. */

import { ChartPlace } from "../charts/place";
import { heightOf } from "../charts/track-size";
import { useNarrow } from "./narrow";
import { Panel } from "./page";

export function useRouteHeight(): number {
  return useNarrow() ? 240 : 320;
}

export function WayPlace({ outdoors, tracks }: { outdoors: boolean; tracks: number }) {
  const height = useRouteHeight();
  return (
    <Panel title={outdoors ? "Route and curves" : "Curves"} aside={<div className="way-axis" />}>
      {outdoors && <div className="route" style={{ height }} />}
      <ChartPlace height={heightOf(tracks)} lines={4} />
    </Panel>
  );
}
