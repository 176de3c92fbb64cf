/** Bars over time, with a line in front where there is one. */

import { scaleBand, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import type { Kind } from "../components/icons";
import { ChartFrame, thinned } from "./frame";

export interface Bar {
  key: string;
  /** What the point is called: a day, week or month. */
  name: string;
  /** What stands below the bar where there is room. */
  tick: string;
  value: number;
  line?: number;
  /** What is drawn behind the bar, to compare. */
  behind?: number;
  /** Whether it is not over, and may become higher. */
  isRunning?: boolean;
}

interface Props {
  title: string;
  /** The sport whose figures these are. */
  kind: Kind;
  /** What the axis counts, where the title does not say it. */
  unit?: string;
  bars: Bar[];
  show: (value: number) => string;
  lineName?: string;
  behindName?: string;
  height: number;
  onOpen?: (bar: Bar) => void;
}

const MARGIN = { top: 20, right: 20, bottom: 24, left: 40 };
/** With more bars, the gaps between them are narrower. */
const MANY = 80;
const TICK_WIDTH = 64;
/** How far what is behind a bar stands out on each side. */
const BEHIND = 2;

export function Bars({ title, kind, unit, bars, show, lineName, behindName, height, onOpen }: Props) {
  const top = Math.max(1, ...bars.map((bar) => Math.max(bar.value, bar.line ?? 0, bar.behind ?? 0)));
  const y = scaleLinear([0, top], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const bands = (left: number, right: number) =>
    scaleBand(bars.keys(), [left, right])
      .paddingInner(bars.length > MANY ? 0.1 : 0.3)
      .paddingOuter(0.1);
  const place = (left: number, right: number) => {
    const x = bands(left, right);
    return (point: number) => (x(point) ?? 0) + x.bandwidth() / 2;
  };
  const reading = (at: number | undefined) => {
    const shown = at === undefined ? undefined : bars[at];
    if (!shown) {
      return <span className="faint">{legendOf(unit ? `${title} in ${unit}` : title, lineName, behindName)}</span>;
    }
    return (
      <>
        <b>{show(shown.value)}</b> {shown.name}
        {shown.line !== undefined && lineName && ` · ${lineName} ${show(shown.line)}`}
        {shown.behind !== undefined && behindName && ` · ${behindName} ${show(shown.behind)}`}
      </>
    );
  };
  const row = (point: number) => {
    const { name = "", value = 0, line: average, behind } = bars[point] ?? {};
    const shown = (figure: number | undefined) => (figure === undefined ? "" : show(figure));
    return [name, show(value), ...(lineName ? [shown(average)] : []), ...(behindName ? [shown(behind)] : [])];
  };
  return (
    <ChartFrame
      title={title}
      points={bars.length}
      noun="bar"
      height={height}
      margin={MARGIN}
      place={place}
      y={y}
      ticks={(width) =>
        thinned(
          bars.map(({ tick }, point) => ({ point, name: tick })),
          width - MARGIN.left - MARGIN.right,
          TICK_WIDTH,
        )
      }
      onOpen={
        onOpen &&
        ((point) => {
          const bar = bars[point];
          if (bar) onOpen(bar);
        })
      }
      reading={reading}
      lines={lineName ? 3 : 1}
      table={{ columns: ["When", title, ...[lineName, behindName].filter((name) => name !== undefined)], row }}
    >
      {({ x, left, right, at }) => {
        const width = bands(left, right).bandwidth();
        const path = line<Bar>(
          (_, point) => x(point),
          (bar) => y(bar.line ?? 0),
        ).defined((bar) => bar.line !== undefined)(bars);
        return (
          <g data-kind={kind}>
            {bars.map(
              ({ key, behind = 0 }, point) =>
                behind > 0 && (
                  <rect
                    key={key}
                    className="chart-behind"
                    x={x(point) - width / 2 - BEHIND}
                    y={y(behind)}
                    width={width + 2 * BEHIND}
                    height={y(0) - y(behind)}
                  />
                ),
            )}
            {bars.map(({ key, value, isRunning }, point) => (
              <rect
                key={key}
                className="chart-bar"
                data-at={point === at || undefined}
                data-running={isRunning || undefined}
                x={x(point) - width / 2}
                y={y(value)}
                width={width}
                height={Math.max(0, y(0) - y(value))}
                rx={Math.min(2, width / 4)}
              />
            ))}
            {path && <path className="chart-line under" d={path} />}
            {path && <path className="chart-line" d={path} />}
          </g>
        );
      }}
    </ChartFrame>
  );
}

function legendOf(title: string, lineName: string | undefined, behindName: string | undefined): string {
  const more = [lineName && `line: ${lineName}`, behindName && `behind: ${behindName}`].filter(Boolean);
  return more.length > 0
    ? [`Bars: ${title.replace(/^./, (first) => first.toLowerCase())}`, ...more].join(" · ")
    : title;
}
