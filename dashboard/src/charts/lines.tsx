/** Lines over days, each labelled at its end: drawn by us, walked by the arrow keys, readable as a table. */

import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import { type Day, showDay } from "../format/days";
import { useWidth } from "./width";

export interface Series {
  name: string;
  look: "fitness" | "fatigue" | "form";
  values: (number | null)[];
}

interface Props {
  title: string;
  days: Day[];
  series: Series[];
  height?: number;
}

const MARGIN = { top: 12, right: 72, bottom: 24, left: 40 };
const LABEL_GAP = 15;

const defined = (value: number | null): value is number => value !== null;
const rounded = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : String(Math.round(value)).replace("-", "−");

export function Lines({ title, days, series, height = 240 }: Props) {
  const [box, width] = useWidth();
  const [at, setAt] = useState<number>();
  const [asTable, setAsTable] = useState(false);
  const help = useId();
  const last = days.length - 1;
  const right = Math.max(width - MARGIN.right, MARGIN.left + 1);
  const x = scaleLinear([0, Math.max(last, 1)], [MARGIN.left, right]);
  const [low = 0, high = 1] = extent(series.flatMap(({ values }) => values.filter(defined)));
  const y = scaleLinear([Math.min(low, 0), Math.max(high, 1)], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const shown = at ?? last;
  function press(event: KeyboardEvent) {
    const step = event.shiftKey ? 7 : 1;
    const next = { ArrowRight: Math.min(shown + step, last), ArrowLeft: Math.max(shown - step, 0), Home: 0, End: last }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  }
  function move(event: PointerEvent<SVGSVGElement>) {
    const left = event.currentTarget.getBoundingClientRect().left;
    setAt(Math.max(0, Math.min(last, Math.round(x.invert(event.clientX - left)))));
  }
  return (
    <figure className="chart">
      <div className="chart-head">
        <p className="chart-reading" aria-live="polite">
          {days[shown] && <span className="quiet">{showDay(days[shown])}</span>}
          {series.map(({ name, look, values }) => (
            <span key={name} className="chart-key" data-look={look}>
              {name} <b>{rounded(values[shown])}</b>
            </span>
          ))}
        </p>
        <button type="button" className="chart-switch small" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </button>
      </div>
      {asTable ? (
        <LinesTable days={days} series={series} />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a drawing that is walked by keys has no element of its own
        <div
          ref={box}
          className="chart-box"
          role="application"
          aria-roledescription="chart"
          aria-label={`${title}: ${days.length} days`}
          aria-describedby={help}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk it
          tabIndex={0}
          onKeyDown={press}
          onBlur={() => setAt(undefined)}
        >
          <svg
            width={width}
            height={height}
            aria-hidden="true"
            onPointerMove={move}
            onPointerLeave={() => setAt(undefined)}
          >
            {y.ticks(4).map((tick) => (
              <g key={tick}>
                <line
                  className={tick === 0 ? "chart-zero" : "chart-grid"}
                  x1={MARGIN.left}
                  x2={right}
                  y1={y(tick)}
                  y2={y(tick)}
                />
                <text className="chart-label" x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                  {String(tick).replace("-", "−")}
                </text>
              </g>
            ))}
            {monthTicks(days, width).map(({ index, name }) => (
              <text key={index} className="chart-label" x={x(index)} y={height - 6} textAnchor="middle">
                {name}
              </text>
            ))}
            {series.map(({ name, look, values }) => (
              <path
                key={name}
                className="chart-series"
                data-look={look}
                d={
                  line<number | null>(
                    (_, index) => x(index),
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
          </svg>
          <span id={help} className="hidden-label">
            Arrow keys move from day to day, with Shift from week to week.
          </span>
        </div>
      )}
    </figure>
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
function monthTicks(days: Day[], width: number): { index: number; name: string }[] {
  const firsts = days.flatMap((day, index) => (day.endsWith("-01") ? [{ index, name: showDay(day, "month") }] : []));
  const every = Math.max(1, Math.ceil((firsts.length * 72) / Math.max(width - MARGIN.left - MARGIN.right, 1)));
  return firsts.filter((_, index) => (firsts.length - 1 - index) % every === 0);
}

function LinesTable({ days, series }: Pick<Props, "days" | "series">) {
  return (
    <div className="chart-table">
      <table className="plain-table">
        <thead>
          <tr>
            <th>Day</th>
            {series.map(({ name }) => (
              <th key={name} className="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days
            .map((day, index) => (
              <tr key={day}>
                <td>{showDay(day)}</td>
                {series.map(({ name, values }) => (
                  <td key={name} className="number">
                    {rounded(values[index])}
                  </td>
                ))}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  );
}
