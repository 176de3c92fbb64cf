/** What stands where a chart will be: as high as the chart, so that nothing moves when it comes. */

import { Loading } from "../components/states";

export function ChartPlace({ height, lines }: { height: number; lines?: number }) {
  return (
    <div className="chart">
      <div className="chart-head" data-lines={lines} />
      <div className="chart-place" style={{ height }}>
        <Loading lines={3} />
      </div>
    </div>
  );
}
