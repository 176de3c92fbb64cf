/** What all charts share: axes, the point that is looked at, by pointer or arrow keys, and the figures as a table. */

import { leastIndex } from "d3-array";
import type { ScaleLinear } from "d3-scale";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useId, useMemo, useState } from "react";
import { Scrolled } from "../components/scrolled";
import { useWidth } from "./width";

export interface Tick {
  point: number;
  name: string;
  anchor?: "start" | "middle" | "end";
}

export interface Drawing {
  /** Where a point is, from the left. */
  x: (point: number) => number;
  left: number;
  right: number;
  /** The point that is looked at. */
  at: number | undefined;
}

/** The point that is looked at, and what looks at another one. */
export type Cursor = [at: number | undefined, look: (at: number | undefined) => void];

interface Table {
  columns: string[];
  /** The cells of a point. */
  row: (point: number) => string[];
  /** How many of the first columns are text; the others are numbers. */
  texts?: number;
  /** The points that are rows, in their order; without them all, the newest first. */
  rows?: number[];
}

interface Props {
  title: string;
  points: number;
  /** What a point is: a bar, a day. */
  noun: string;
  height: number;
  margin: { top: number; right: number; bottom: number; left: number };
  /** Where points are, in a drawing between left and right. Kept the same, it keeps what is drawn by it. */
  place: (left: number, right: number) => (point: number) => number;
  /** The scale of the axis on the left; a chart without it draws its own. */
  y?: ScaleLinear<number, number>;
  ticks: (width: number) => Tick[];
  /** How many points Shift and an arrow key move. */
  stride?: [count: number, name: string];
  onOpen?: (point: number) => void;
  /** Where other drawings look at the same point. */
  cursor?: Cursor;
  reading: (at: number | undefined) => ReactNode;
  /** How many lines the reading takes on a phone. */
  lines?: number;
  table: Table;
  children: (drawing: Drawing) => ReactNode;
}

export function ChartFrame({ title, points, noun, height, margin, place, y, ticks, stride, onOpen, ...rest }: Props) {
  const { cursor, reading, lines, table, children } = rest;
  const [box, width] = useWidth();
  const own = useState<number>();
  const [at, setAt] = cursor ?? own;
  const [asTable, setAsTable] = useState(false);
  const help = useId();
  const left = margin.left;
  const right = Math.max(width - margin.right, left + 1);
  const x = useMemo(() => place(left, right), [place, left, right]);
  function press(event: KeyboardEvent) {
    if (event.key === "Enter" && at !== undefined) return onOpen?.(at);
    const next = nextPoint(event, at, points, stride?.[0] ?? 1);
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  }
  function nearest(event: MouseEvent<SVGSVGElement>): number {
    const from = event.clientX - event.currentTarget.getBoundingClientRect().left;
    return leastIndex(Array.from({ length: points }, (_, point) => Math.abs(x(point) - from))) ?? 0;
  }
  return (
    <figure className="chart">
      <div className="chart-head" data-lines={lines}>
        <p className="chart-reading" aria-live="polite">
          {reading(at)}
        </p>
        <button type="button" className="chart-switch small" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </button>
      </div>
      {asTable ? (
        <FigureTable title={title} points={points} {...table} />
      ) : (
        <div
          ref={box}
          className="chart-box"
          role="application"
          aria-roledescription="chart"
          aria-label={`${title}: ${points} ${noun}s`}
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
            className={onOpen && "chart-open"}
            onPointerMove={(event) => setAt(nearest(event))}
            onPointerLeave={() => setAt(undefined)}
            onClick={onOpen && ((event) => onOpen(nearest(event)))}
          >
            {y && <Axis y={y} ticks={y.ticks(4)} show={labelOf} left={left} right={right} />}
            {ticks(width).map(({ point, name, anchor = "middle" }) => (
              <text key={point} className="chart-label" x={x(point)} y={height - 6} textAnchor={anchor}>
                {name}
              </text>
            ))}
            {children({ x, left, right, at })}
          </svg>
          <span id={help} className="hidden-label">
            Arrow keys move from {noun} to {noun}
            {stride && `, with Shift from ${stride[1]} to ${stride[1]}`}
            {onOpen && ", Enter opens one in the log"}.
          </span>
        </div>
      )}
    </figure>
  );
}

interface AxisProps extends Pick<Drawing, "left" | "right"> {
  y: ScaleLinear<number, number>;
  ticks: number[];
  show: (tick: number) => string;
}

export function Axis({ y, ticks, show, left, right }: AxisProps) {
  return ticks.map((tick) => (
    <g key={tick}>
      <line className={tick === 0 ? "chart-zero" : "chart-grid"} x1={left} x2={right} y1={y(tick)} y2={y(tick)} />
      <text className="chart-label" x={left - 8} y={y(tick) + 4} textAnchor="end">
        {show(tick)}
      </text>
    </g>
  ));
}

/** As many of the ticks as have room, the last one among them. */
export function thinned(ticks: Tick[], width: number, room: number): Tick[] {
  const every = Math.max(1, Math.ceil((ticks.length * room) / Math.max(width, 1)));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % every === 0);
}

/** The point that a key leads to; with none before, an arrow begins at the end that it comes from. */
function nextPoint({ key, shiftKey }: KeyboardEvent, at: number | undefined, points: number, stride: number) {
  const step = shiftKey ? stride : 1;
  const last = points - 1;
  return {
    ArrowRight: at === undefined ? 0 : Math.min(at + step, last),
    ArrowLeft: at === undefined ? last : Math.max(at - step, 0),
    Home: 0,
    End: last,
  }[key];
}

function labelOf(tick: number): string {
  return tick >= 1000 ? `${tick / 1000}k` : String(tick).replace("-", "−");
}

function FigureTable({ title, points, columns, row, texts = 1, rows }: Table & { title: string; points: number }) {
  const shown = rows ?? Array.from({ length: points }, (_, index) => points - 1 - index);
  const lookOf = (column: number) => (column < texts ? undefined : "number");
  return (
    <Scrolled name={`${title} as a table`} className="chart-table">
      <table className="plain-table">
        <thead>
          <tr>
            {columns.map((name, column) => (
              <th key={name} className={lookOf(column)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((point) => (
            <tr key={point}>
              {row(point).map((text, column) => (
                <td key={columns[column]} className={lookOf(column)}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}
