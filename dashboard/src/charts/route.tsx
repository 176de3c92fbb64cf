/** A route as a line: where it began and ended, how long a length is, and the point that is looked at. */

import { line } from "d3-shape";
import { type PointerEvent, useMemo } from "react";
import { nearestPlace, onPlane, type Place, roundLength } from "../format/route";
import { METRES_PER_MILE, UNIT, type Units } from "../format/units";
import type { Cursor } from "./frame";
import { useWidth } from "./width";

interface Props {
  name: string;
  lat: (number | null)[];
  lon: (number | null)[];
  height: number;
  units: Units;
  cursor: Cursor;
}

const MARGIN = 28;
const SCALE_WIDTH = 120;
/** Closer than this, one name stands at both ends. */
const APART = 48;

export function Route({ name, lat, lon, height, units, cursor: [at, look] }: Props) {
  const [box, width] = useWidth();
  const plane = useMemo(
    () => (width > 0 ? onPlane(lat, lon, { width, height, margin: MARGIN }) : undefined),
    [lat, lon, width, height],
  );
  const way = useMemo(() => plane && lineOf(plane.places), [plane]);
  function pointAt({ clientX, clientY, currentTarget }: PointerEvent<SVGSVGElement>) {
    const { left, top } = currentTarget.getBoundingClientRect();
    look(nearestPlace(plane?.places ?? [], { x: clientX - left, y: clientY - top }));
  }
  const here = at === undefined ? undefined : plane?.places[at];
  return (
    <div ref={box} className="route" style={{ height }}>
      {plane && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={name}
          onPointerMove={pointAt}
          onPointerLeave={() => look(undefined)}
        >
          <path className="route-line" d={way ?? ""} />
          <Ends places={plane.places} width={width} />
          {here && <circle className="route-here" cx={here.x} cy={here.y} r={6} />}
          <Scale metresPerPixel={plane.metresPerPixel} y={height - 12} units={units} />
        </svg>
      )}
    </div>
  );
}

function lineOf(places: (Place | null)[]): string | null {
  return line<Place | null>(
    (place) => place?.x ?? 0,
    (place) => place?.y ?? 0,
  ).defined((place) => place !== null)(places);
}

/** Where the name of a place is to be written, so that it stays in the drawing. */
function anchorAt(x: number, width: number): "start" | "middle" | "end" {
  if (x < APART) return "start";
  return x > width - APART ? "end" : "middle";
}

function Ends({ places, width }: { places: (Place | null)[]; width: number }) {
  const start = places.find((place) => place !== null);
  const end = places.findLast((place) => place !== null);
  if (!start || !end) return null;
  const together = Math.hypot(start.x - end.x, start.y - end.y) < APART;
  return (
    <>
      <rect className="route-end" x={end.x - 5} y={end.y - 5} width={10} height={10} />
      <circle className="route-start" cx={start.x} cy={start.y} r={5} />
      <text className="route-name" x={start.x} y={start.y - 12} textAnchor={anchorAt(start.x, width)}>
        {together ? "Start and end" : "Start"}
      </text>
      {!together && (
        <text className="route-name" x={end.x} y={end.y - 12} textAnchor={anchorAt(end.x, width)}>
          End
        </text>
      )}
    </>
  );
}

function Scale({ metresPerPixel, y, units }: { metresPerPixel: number; y: number; units: Units }) {
  const perUnit = units === "miles" ? METRES_PER_MILE : 1;
  const { length, pixels } = roundLength(metresPerPixel, SCALE_WIDTH, perUnit);
  const name = units === "miles" ? `${length} ${UNIT.miles}` : length < 1000 ? `${length} m` : `${length / 1000} km`;
  return (
    <>
      <path className="route-scale" d={`M12 ${y - 5}v5h${pixels}v-5`} />
      <text className="chart-label" x={16 + pixels + 4} y={y}>
        {name}
      </text>
    </>
  );
}
