/** Lines over days, each labelled at its end. */

import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type Day, showDay } from "../format/days";
import { ChartFrame, type Tick, thinned } from "./frame";

export interface Series {
  name: string;
  look: "fitness" | "fatigue" | "form";
  values: (number | null)[];
}

interface Props {
  title: string;
  days: Day[];
  series: Series[];
  height: number;
}

const MARGIN = { top: 12, right: 72, bottom: 24, left: 40 };
const LABEL_GAP = 15;
const MONTH_WIDTH = 72;

const defined = (value: number | null): value is number => value !== null;
const rounded = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : String(Math.round(value)).replace("-", "−");

export function Lines({ title, days, series, height }: Props) {
  const last = days.length - 1;
  const [low = 0, high = 1] = extent(series.flatMap(({ values }) => values.filter(defined)));
  const y = scaleLinear([Math.min(low, 0), Math.max(high, 1)], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const reading = (at = last) => (
    <>
      {days[at] && <span className="quiet">{showDay(days[at])}</span>}
      {series.map(({ name, look, values }) => (
        <span key={name} className="chart-key" data-look={look}>
          {name} <b>{rounded(values[at])}</b>
        </span>
      ))}
    </>
  );
  return (
    <ChartFrame
      title={title}
      points={days.length}
      noun="day"
      height={height}
      margin={MARGIN}
      place={(left, right) => (point) => left + (point / Math.max(last, 1)) * (right - left)}
      y={y}
      ticks={(width) => monthTicks(days, width - MARGIN.left - MARGIN.right)}
      stride={[7, "week"]}
      reading={reading}
      lines={2}
      table={{
        columns: ["Day", ...series.map(({ name }) => name)],
        row: (point) => [showDay(days[point] ?? ""), ...series.map(({ values }) => rounded(values[point]))],
      }}
    >
      {({ x, right, at }) => (
        <>
          {series.map(({ name, look, values }) => (
            <path
              key={name}
              className="chart-series"
              data-look={look}
              d={
                line<number | null>(
                  (_, point) => x(point),
                  (value) => y(value ?? 0),
                ).defined(defined)(values) ?? ""
              }
            />
          ))}
          {labels(series, y).map(({ name, look, at: place }) => (
            <text key={name} className="chart-name" data-look={look} x={right + 8} y={place + 4}>
              {name}
            </text>
          ))}
          {at !== undefined && (
            <line className="chart-at" x1={x(at)} x2={x(at)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
          )}
        </>
      )}
    </ChartFrame>
  );
}

/** Where the series' names stand: at their last values, moved apart where they would overlap. */
function labels(series: Series[], y: (value: number) => number): { name: string; look: string; at: number }[] {
  const placed = series
    .map(({ name, look, values }) => ({ name, look, at: y(values.findLast(defined) ?? 0) }))
    .sort((a, b) => a.at - b.at);
  placed.forEach((label, index) => {
    const above = placed[index - 1];
    if (above) label.at = Math.max(label.at, above.at + LABEL_GAP);
  });
  return placed;
}

/** The first days of months, as many as have room. */
function monthTicks(days: Day[], width: number): Tick[] {
  const firsts = days.flatMap((day, point) => (day.endsWith("-01") ? [{ point, name: showDay(day, "month") }] : []));
  return thinned(firsts, width, MONTH_WIDTH);
}
