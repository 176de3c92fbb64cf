/** The way of an activity: its route, and what was measured along it, with one cursor. */

import { useMemo, useState } from "react";
import type { Measured as Noun } from "../api/points";
import type { Cursor } from "../charts/frame";
import { Route } from "../charts/route";
import { type Along, type Track, Tracks } from "../charts/tracks";
import { along, type Points, paces, smoothed } from "../format/points";
import { CADENCE, duration, fromMetres, HEIGHT_UNIT, METRES_PER, number, UNIT, type Units } from "../format/units";
import { usePerson } from "../person";
import { Chips } from "./chips";
import { Panel } from "./page";
import { useRouteHeight } from "./way-place";

type Axis = "distance" | "time";

const AXES = [
  ["distance", "Over distance"],
  ["time", "Over time"],
] as const;
const SECONDS = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
const LENGTHS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
const PACES = [5, 10, 15, 30, 60, 120, 300, 600];
const BEATS = [5, 10, 20, 50];
const HEIGHTS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const SPEEDS = [1, 2, 5, 10, 20, 50];

const minutes = (seconds: number) => duration(seconds);

interface Props {
  points: Points;
  noun: Noun;
}

export default function Way({ points, noun }: Props) {
  const { units } = usePerson();
  const paced = noun === "runs";
  const height = useRouteHeight();
  const [axis, setAxis] = useState<Axis>(points.distance ? "distance" : "time");
  const cursor: Cursor = useState<number>();
  const tracks = useMemo(() => tracksOf(points, units, paced), [points, units, paced]);
  const over = useMemo(() => alongOf(points, axis, units), [points, axis, units]);
  const { lat, lon, time } = points;
  return (
    <Panel
      title={lat ? "Route and curves" : "Curves"}
      aside={points.distance && <Chips name="Curves over" options={AXES} value={axis} onChange={setAxis} />}
    >
      {lat && lon && <Route name="Route" lat={lat} lon={lon} height={height} units={units} cursor={cursor} />}
      {tracks.length > 0 && (
        <Tracks
          along={over}
          tracks={tracks}
          cursor={cursor}
          minute={Math.round((60 * time.length) / Math.max(1, time.at(-1) ?? 1))}
          reading={(at) => <Reading points={points} tracks={tracks} units={units} at={at} />}
          table={tableOf(points, tracks, units, noun)}
        />
      )}
    </Panel>
  );
}

function alongOf(points: Points, axis: Axis, units: Units): Along {
  const values = along(points, axis);
  if (axis === "time") return { name: "time", values, show: minutes, steps: SECONDS };
  const show = (value: number) => `${Number(value.toFixed(2))} ${UNIT[units]}`;
  return { name: "distance", values: values.map((metres) => metres / METRES_PER[units]), show, steps: LENGTHS };
}

function tracksOf(points: Points, units: Units, paced: boolean): Track[] {
  const { heart_rate, speed, altitude } = points;
  const metres = METRES_PER[units];
  const beats: Track | null = heart_rate && {
    name: "Heart rate",
    unit: "bpm",
    look: "heart",
    values: heart_rate,
    show: (value) => number(value, 0),
    steps: BEATS,
  };
  const pace: Track | null = speed && {
    name: "Pace",
    unit: `min/${UNIT[units]}`,
    look: "pace",
    values: paces(speed, metres),
    show: minutes,
    steps: PACES,
    inverted: true,
  };
  const fast: Track | null = speed && {
    name: "Speed",
    unit: `${UNIT[units]}/h`,
    look: "pace",
    values: smoothed(speed).map((value) => (value === null ? null : (value * 3600) / metres)),
    show: (value) => number(value, 0),
    steps: SPEEDS,
  };
  const heights: Track | null = altitude && {
    name: "Altitude",
    unit: HEIGHT_UNIT[units],
    look: "altitude",
    values: altitude.map((value) => (value === null ? null : fromMetres(value, units))),
    show: (value) => number(value, 0).replace("-", "−"),
    steps: HEIGHTS,
  };
  return [beats, paced ? pace : fast, heights].filter((track) => track !== null);
}

function Reading({ points, tracks, units, at }: { points: Points; tracks: Track[]; units: Units; at?: number }) {
  if (at === undefined) {
    const places = points.lat ? "the route or a curve" : "a curve";
    return <span className="faint">Point at {places}, or use the arrow keys, to read a moment</span>;
  }
  const metres = points.distance?.[at];
  return (
    <>
      <span className="quiet">
        {duration(points.time[at] ?? 0)}
        {metres != null && ` · ${number(metres / METRES_PER[units], 2)} ${UNIT[units]}`}
      </span>
      {tracks.map(({ name, unit, look, values, show }) => (
        <span key={name} className="chart-key" data-look={look}>
          {name} <b>{shown(values[at], show)}</b> {unit}
        </span>
      ))}
    </>
  );
}

function shown(value: number | null | undefined, show: (value: number) => string): string {
  return value === null || value === undefined ? "–" : show(value);
}

function tableOf(points: Points, tracks: Track[], units: Units, noun: Noun) {
  const { unit: turns, times } = CADENCE[noun];
  const more = [
    [`Cadence, ${turns}`, points.cadence?.map((value) => value && times * value) ?? null],
    ["Power, W", points.power],
  ] as const;
  const others = more.filter(([, values]) => values !== null);
  const metres = METRES_PER[units];
  return {
    columns: [
      "Time",
      `Distance, ${UNIT[units]}`,
      ...tracks.map(({ name, unit }) => `${name}, ${unit}`),
      ...others.map(([name]) => name),
    ],
    row: (point: number) => [
      duration(points.time[point] ?? 0),
      shown(points.distance?.[point], (value) => number(value / metres, 2)),
      ...tracks.map(({ values, show }) => shown(values[point], show)),
      ...others.map(([, values]) => shown(values?.[point], (value) => number(value, 0))),
    ],
  };
}
