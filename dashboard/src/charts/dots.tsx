/** A figure on some days, as dots on a line. */

import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type Day, daysBetween, showDay } from "../format/days";
import { ChartFrame, type Tick } from "./frame";

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
  height: number;
}

const MARGIN = { top: 16, right: 20, bottom: 24, left: 44 };

export function Dots({ title, dots, show, height }: Props) {
  const first = dots[0]?.day ?? "";
  const offsets = dots.map(({ day }) => daysBetween(first, day));
  const days = Math.max(1, offsets.at(-1) ?? 0);
  const [low = 0, high = 1] = extent(dots.map(({ value }) => value));
  const room = Math.max((high - low) * 0.15, 1);
  const y = scaleLinear([Math.max(0, low - room), high + room], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const reading = (at = dots.length - 1) => {
    const shown = dots[at];
    return (
      shown && (
        <>
          <b>{show(shown.value)}</b> {shown.detail} <span className="quiet">{showDay(shown.day)}</span>
        </>
      )
    );
  };
  const row = (point: number) => {
    const { day = "", detail = "", value = 0 } = dots[point] ?? {};
    return [showDay(day), detail, show(value)];
  };
  return (
    <ChartFrame
      title={title}
      points={dots.length}
      noun="day"
      height={height}
      margin={MARGIN}
      place={(left, right) => (point) => left + ((offsets[point] ?? 0) / days) * (right - left)}
      y={y}
      ticks={() => ends(dots)}
      reading={reading}
      table={{ columns: ["Day", "From", title], texts: 2, row }}
    >
      {({ x, at }) => (
        <>
          <path
            className="chart-series"
            data-look="lift"
            d={
              line<Dot>(
                (_, point) => x(point),
                ({ value }) => y(value),
              )(dots) ?? ""
            }
          />
          {dots.map(({ day, value }, point) => (
            <circle key={day} className="chart-dot" cx={x(point)} cy={y(value)} r={point === at ? 5 : 2.5} />
          ))}
        </>
      )}
    </ChartFrame>
  );
}

/** The first and the last day, each written inwards. */
function ends(dots: Dot[]): Tick[] {
  const last = dots.length - 1;
  const tick = (point: number, anchor: Tick["anchor"]) => ({ point, anchor, name: showDay(dots[point]?.day ?? "") });
  if (last < 0) return [];
  return last === 0 ? [tick(0, "start")] : [tick(0, "start"), tick(last, "end")];
}
