/** What was measured along an activity: one curve above the other, over time or distance, with one cursor. */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { memo, type ReactNode, useCallback, useMemo } from "react";
import { extentOf, multiples, nearest, thinned } from "../format/points";
import { Axis, ChartFrame, type Cursor, type Drawing } from "./frame";
import { BAND, heightOf, MARGIN, NAME } from "./track-size";

export interface Track {
  name: string;
  unit: string;
  look: "heart" | "pace" | "altitude";
  values: (number | null)[];
  show: (value: number) => string;
  /** The steps that its axis may have. */
  steps: readonly number[];
  /** Whether less is higher up, as a pace is better. */
  inverted?: boolean;
}

/** What the curves lie over. */
export interface Along {
  name: string;
  values: number[];
  show: (value: number) => string;
  steps: readonly number[];
}

interface Props {
  along: Along;
  tracks: Track[];
  cursor: Cursor;
  reading: (at: number | undefined) => ReactNode;
  table: { columns: string[]; row: (point: number) => string[] };
  /** How many points make a minute. */
  minute: number;
}

const TICKS = 4;
const TICK_WIDTH = 72;
const ROWS = 100;
/** The least that a scale shows of a curve, so that a flat one looks flat: a share of its values. */
const LEAST_SHARE = 0.05;

export function Tracks({ along, tracks, cursor, reading, table, minute }: Props) {
  const points = along.values.length;
  const [first = 0, last = 0] = [along.values[0], along.values.at(-1)];
  const height = heightOf(tracks.length);
  const bands = useMemo(
    () => tracks.map((track, index) => bandOf(track, MARGIN.top + index * (NAME + BAND))),
    [tracks],
  );
  const place = useCallback(
    (left: number, right: number) => {
      const x = scaleLinear([first, Math.max(last, first + 1)], [left, right]);
      return (point: number) => x(along.values[point] ?? 0);
    },
    [along, first, last],
  );
  return (
    <ChartFrame
      title={`${tracks.map(({ name }) => name).join(", ")} over ${along.name}`}
      points={points}
      noun="point"
      height={height}
      margin={MARGIN}
      place={place}
      ticks={(width) =>
        multiples(first, last, along.steps, Math.max(2, (width - MARGIN.left - MARGIN.right) / TICK_WIDTH)).map(
          (value) => ({
            point: nearest(along.values, value),
            name: along.show(value),
          }),
        )
      }
      stride={minute > 1 ? [minute, "minute"] : undefined}
      cursor={cursor}
      reading={reading}
      lines={4}
      table={{ ...table, rows: thinned(points, ROWS) }}
    >
      {({ x, left, right, at }) => (
        <>
          {bands.map((band) => (
            <Curve key={band.track.name} band={band} x={x} left={left} right={right} />
          ))}
          {at !== undefined && (
            <>
              <line className="chart-at" x1={x(at)} x2={x(at)} y1={MARGIN.top} y2={height - MARGIN.bottom} />
              {bands.map(({ track, y }) => {
                const value = track.values[at] ?? null;
                return (
                  value !== null && (
                    <circle
                      key={track.name}
                      className="track-dot"
                      data-look={track.look}
                      cx={x(at)}
                      cy={y(value)}
                      r={4}
                    />
                  )
                );
              })}
            </>
          )}
        </>
      )}
    </ChartFrame>
  );
}

interface CurveProps extends Omit<Drawing, "at"> {
  band: Band;
}

/** A curve with its axis; it stays as it is while the cursor moves. */
const Curve = memo(function Curve({ band: { track, top, y, ticks }, x, left, right }: CurveProps) {
  const { name, unit, look, values, show } = track;
  return (
    <g>
      <text className="chart-name" x={left} y={top + 20}>
        {name}
        <tspan className="chart-unit"> {unit}</tspan>
      </text>
      <Axis y={y} ticks={ticks} show={show} left={left} right={right} />
      {look === "altitude" && <path className="track-area" d={areaOf(values, x, y, top + NAME + BAND) ?? ""} />}
      <path className="chart-series" data-look={look} d={lineOf(values, x, y) ?? ""} />
    </g>
  );
});

type Band = ReturnType<typeof bandOf>;

function bandOf(track: Track, top: number) {
  const { values, steps, inverted } = track;
  const [low, high] = extentOf(values) ?? [0, 1];
  const room = Math.max((high - low) * 0.08, (LEAST_SHARE * Math.abs(high)) / 2, 1);
  const domain: [number, number] = [low - room, high + room];
  const y = scaleLinear(domain, inverted ? [top + NAME, top + NAME + BAND] : [top + NAME + BAND, top + NAME]).clamp(
    true,
  );
  return { track, top, y, ticks: multiples(...domain, steps, TICKS) };
}

type Values = Track["values"];
type At = (value: number) => number;

function lineOf(values: Values, x: At, y: At): string | null {
  return line<number | null>(
    (_, point) => x(point),
    (value) => y(value ?? 0),
  ).defined((value) => value !== null)(values);
}

function areaOf(values: Values, x: At, y: At, floor: number): string | null {
  return area<number | null>(
    (_, point) => x(point),
    floor,
    (value) => y(value ?? 0),
  ).defined((value) => value !== null)(values);
}
