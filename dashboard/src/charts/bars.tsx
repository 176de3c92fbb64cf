/** Bars over time, with a line in front where there is one: drawn by us, walked by the arrow keys, readable as a table. */

import { scaleBand, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type KeyboardEvent, useId, useState } from "react";
import { useWidth } from "./width";

export interface Bar {
  key: string;
  /** What the point is called: a day, week or month. */
  name: string;
  /** What stands below the bar where there is room. */
  tick?: string;
  value: number;
  line?: number;
  href?: string;
}

interface Props {
  title: string;
  bars: Bar[];
  show: (value: number) => string;
  lineName?: string;
  height?: number;
  onOpen?: (bar: Bar) => void;
}

const MARGIN = { top: 20, right: 20, bottom: 24, left: 40 };

export function Bars({ title, bars, show, lineName, height = 220, onOpen }: Props) {
  const [box, width] = useWidth();
  const [at, setAt] = useState<number>();
  const [asTable, setAsTable] = useState(false);
  const help = useId();
  const x = scaleBand(
    bars.map((bar) => bar.key),
    [MARGIN.left, Math.max(width - MARGIN.right, MARGIN.left + 1)],
  )
    .paddingInner(bars.length > 80 ? 0.1 : 0.3)
    .paddingOuter(0.1);
  const top = Math.max(1, ...bars.map((bar) => Math.max(bar.value, bar.line ?? 0)));
  const y = scaleLinear([0, top], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const middle = (bar: Bar) => (x(bar.key) ?? 0) + x.bandwidth() / 2;
  const path = line<Bar>(middle, (bar) => y(bar.line ?? 0))(bars.filter((bar) => bar.line !== undefined));
  const shown = at === undefined ? undefined : bars[at];
  function press(event: KeyboardEvent) {
    const last = bars.length - 1;
    const next = {
      ArrowRight: Math.min((at ?? -1) + 1, last),
      ArrowLeft: Math.max((at ?? last + 1) - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setAt(next);
    } else if (event.key === "Enter" && shown) onOpen?.(shown);
  }
  return (
    <figure className="chart">
      <div className="chart-head">
        <p className="chart-reading" aria-live="polite">
          {shown ? (
            <>
              <b>{show(shown.value)}</b> {shown.name}
              {shown.line !== undefined && lineName && ` · ${lineName} ${show(shown.line)}`}
            </>
          ) : (
            <span className="faint">{lineName ? `Bars: ${title.toLowerCase()} · line: ${lineName}` : title}</span>
          )}
        </p>
        <button type="button" className="chart-switch small" onClick={() => setAsTable(!asTable)}>
          {asTable ? "As a chart" : "As a table"}
        </button>
      </div>
      {asTable ? (
        <BarsTable bars={bars} show={show} lineName={lineName} title={title} />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a drawing that is walked by keys has no element of its own
        <div
          ref={box}
          className="chart-box"
          role="application"
          aria-roledescription="chart"
          aria-label={`${title}: ${bars.length} bars`}
          aria-describedby={help}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk it
          tabIndex={0}
          onKeyDown={press}
          onBlur={() => setAt(undefined)}
          onPointerLeave={() => setAt(undefined)}
        >
          <svg width={width} height={height} aria-hidden="true">
            {y.ticks(4).map((tick) => (
              <g key={tick}>
                <line className="chart-grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
                <text className="chart-label" x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                  {tick >= 10_000 ? `${tick / 1000}k` : tick}
                </text>
              </g>
            ))}
            {bars.map((bar, index) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the keys work on the whole chart
              <g
                key={bar.key}
                onPointerEnter={() => setAt(index)}
                onClick={() => onOpen?.(bar)}
                className={onOpen && "chart-open"}
              >
                <rect className="chart-hit" x={x(bar.key)} y={0} width={x.step()} height={height} />
                <rect
                  className="chart-bar"
                  data-at={index === at || undefined}
                  x={x(bar.key)}
                  y={y(bar.value)}
                  width={x.bandwidth()}
                  height={Math.max(0, y(0) - y(bar.value))}
                  rx={Math.min(2, x.bandwidth() / 4)}
                />
                {bar.tick && (
                  <text className="chart-label" x={middle(bar)} y={height - 6} textAnchor="middle">
                    {bar.tick}
                  </text>
                )}
              </g>
            ))}
            {path && <path className="chart-line" d={path} />}
          </svg>
          <span id={help} className="hidden-label">
            Arrow keys move from bar to bar{onOpen && ", Enter opens one in the log"}.
          </span>
        </div>
      )}
    </figure>
  );
}

function BarsTable({ bars, show, lineName, title }: Pick<Props, "bars" | "show" | "lineName" | "title">) {
  return (
    <div className="chart-table">
      <table className="plain-table">
        <thead>
          <tr>
            <th>When</th>
            <th className="number">{title}</th>
            {lineName && <th className="number">{lineName}</th>}
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map((bar) => (
            <tr key={bar.key}>
              <td>{bar.name}</td>
              <td className="number">{show(bar.value)}</td>
              {lineName && <td className="number">{bar.line === undefined ? "" : show(bar.line)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
