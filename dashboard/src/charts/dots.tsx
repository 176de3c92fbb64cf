/** A figure on some days, as dots on a line: drawn by us, walked by the arrow keys, readable as a table. */

import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import { type Day, daysBetween, showDay } from "../format/days";
import { useWidth } from "./width";

export interface Dot {
  day: Day;
  value: number;
  /** What the figure comes from. */
  detail: string;
}

interface Props {
  title: string;
  dots: Dot[];
  show: (value: number) => string;
  height?: number;
}

const MARGIN = { top: 16, right: 20, bottom: 24, left: 44 };

export function Dots({ title, dots, show, height = 220 }: Props) {
  const [box, width] = useWidth();
  const [at, setAt] = useState<number>();
  const [asTable, setAsTable] = useState(false);
  const help = useId();
  const last = dots.length - 1;
  const first = dots[0]?.day ?? "";
  const offset = (day: Day) => daysBetween(first, day);
  const right = Math.max(width - MARGIN.right, MARGIN.left + 1);
  const x = scaleLinear([0, Math.max(1, offset(dots[last]?.day ?? first))], [MARGIN.left, right]);
  const [low = 0, high = 1] = extent(dots.map(({ value }) => value));
  const room = Math.max((high - low) * 0.15, 1);
  const y = scaleLinear([Math.max(0, low - room), high + room], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const shown = dots[at ?? last];
  function press(event: KeyboardEvent) {
    const now = at ?? last;
    const next = { ArrowRight: Math.min(now + 1, last), ArrowLeft: Math.max(now - 1, 0), Home: 0, End: last }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  }
  function move(event: PointerEvent<SVGSVGElement>) {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const distances = dots.map(({ day }) => Math.abs(x(offset(day)) - left));
    setAt(distances.indexOf(Math.min(...distances)));
  }
  return (
    <figure className="chart">
      <div className="chart-head">
        <p className="chart-reading" aria-live="polite">
          {shown && (
            <>
              <b>{show(shown.value)}</b> {shown.detail} <span className="quiet">{showDay(shown.day)}</span>
            </>
          )}
        </p>
        <button type="button" className="chart-switch small" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </button>
      </div>
      {asTable ? (
        <DotsTable title={title} dots={dots} show={show} />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a drawing that is walked by keys has no element of its own
        <div
          ref={box}
          className="chart-box"
          role="application"
          aria-roledescription="chart"
          aria-label={`${title}: ${dots.length} days`}
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
                <line className="chart-grid" x1={MARGIN.left} x2={right} y1={y(tick)} y2={y(tick)} />
                <text className="chart-label" x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                  {tick}
                </text>
              </g>
            ))}
            {ends(dots).map(({ day, anchor }) => (
              <text key={anchor} className="chart-label" x={x(offset(day))} y={height - 6} textAnchor={anchor}>
                {showDay(day)}
              </text>
            ))}
            <path
              className="chart-series"
              data-look="lift"
              d={
                line<Dot>(
                  ({ day }) => x(offset(day)),
                  ({ value }) => y(value),
                )(dots) ?? ""
              }
            />
            {dots.map(({ day, value }, index) => (
              <circle key={day} className="chart-dot" cx={x(offset(day))} cy={y(value)} r={index === at ? 5 : 2.5} />
            ))}
          </svg>
          <span id={help} className="hidden-label">
            Arrow keys move from day to day.
          </span>
        </div>
      )}
    </figure>
  );
}

/** The first and the last day, each written inwards. */
function ends(dots: Dot[]): { day: Day; anchor: "start" | "end" }[] {
  const [first, last] = [dots[0], dots.at(-1)];
  if (!first || !last) return [];
  return first === last
    ? [{ day: first.day, anchor: "start" }]
    : [
        { day: first.day, anchor: "start" },
        { day: last.day, anchor: "end" },
      ];
}

function DotsTable({ title, dots, show }: Pick<Props, "title" | "dots" | "show">) {
  return (
    <div className="chart-table">
      <table className="plain-table">
        <thead>
          <tr>
            <th>Day</th>
            <th>From</th>
            <th className="number">{title}</th>
          </tr>
        </thead>
        <tbody>
          {dots.toReversed().map(({ day, value, detail }) => (
            <tr key={day}>
              <td>{showDay(day)}</td>
              <td>{detail}</td>
              <td className="number">{show(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
