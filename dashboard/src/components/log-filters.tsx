/** What of the log is shown: kinds, days, words and what else can be asked for, kept in the address. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type RunsQuery, shoes, type TimelineQuery } from "../api/queries";
import { type Address, useAddress } from "./address";
import { Button } from "./button";
import { Chips } from "./chips";
import { useFewFilters } from "./narrow";
import { PeriodPicker, usePeriod } from "./period";
import { SelectField } from "./select-field";

const KINDS = [
  ["all", "All"],
  ["run", "Runs"],
  ["lift", "Lifts"],
  ["cardio", "Cardio"],
  ["reps", "Reps"],
] as const;

export type KindFilter = (typeof KINDS)[number][0];

const SOURCES = [
  "Strava",
  "MapMyFitness",
  "Hevy",
  "FIT",
  "GPX",
  "TCX",
  "Runkeeper",
  "Polar",
  "Google Fit",
  "Garmin",
  "Apple Health",
  "CSV",
  "Strong",
  "FitNotes",
  "Fitbod",
  "StrongLifts",
  "Manual",
];
const CALENDAR = [
  ["", "Any calendar state"],
  ["synced", "In the calendar"],
  ["pending", "On its way there"],
  ["failed", "Failed"],
  ["none", "Never sent"],
] as const;
const TYPES = [
  ["", "Any type"],
  ["Outdoor Run", "Outdoor"],
  ["Treadmill Run", "Treadmill"],
] as const;
const SORTS = [
  ["date", "Date"],
  ["distance", "Distance"],
  ["duration", "Time"],
  ["pace", "Pace"],
  ["heart_rate", "Heart rate"],
  ["type", "Type"],
  ["source", "Source"],
] as const;
const SORTS_OF_RUNS = [...SORTS, ["trimp", "TRIMP"], ["shoes", "Shoe"]] as const;

/** What only runs can be asked for. */
const RUNS_ONLY = ["shoe", "type"];

function kindOf(address: Address): KindFilter {
  const ofRuns = RUNS_ONLY.some((name) => address[name]) || address.sort === "trimp" || address.sort === "shoes";
  return ofRuns ? "run" : ((address.kind as KindFilter) ?? "all");
}

const namesOf = (options: readonly (readonly [string, string])[]): readonly string[] => options.map(([name]) => name);
/** What the filters can be, where that is known beforehand. */
const KNOWN: [filter: string, values: readonly string[]][] = [
  ["kind", namesOf(KINDS)],
  ["source", SOURCES],
  ["calendar", namesOf(CALENDAR)],
  ["type", namesOf(TYPES)],
  ["sort", namesOf(SORTS_OF_RUNS)],
  ["order", ["asc", "desc"]],
];

/** An address without what no filter can be: an old bookmark shows the rest. */
function understood(address: Address): Address {
  const odd = KNOWN.filter(([filter, values]) => address[filter] && !values.includes(address[filter]));
  return { ...address, ...Object.fromEntries(odd.map(([filter]) => [filter, undefined])) };
}

export function useLogFilters() {
  const [named, change] = useAddress();
  const address = understood(named);
  const days = usePeriod("all");
  return { address, change, kind: kindOf(address), days, range: days.range };
}

export type LogFilters = ReturnType<typeof useLogFilters>;

const WORKOUT_TYPES: Partial<Record<KindFilter, TimelineQuery["type"]>> = {
  lift: "STRENGTH",
  cardio: "CARDIO",
  reps: "REPS",
};

/** What is asked of all lists. */
function shared({ address, range }: LogFilters, q: string | undefined) {
  return {
    ...range,
    q: q || undefined,
    source: address.source as RunsQuery["source"],
    sync_status: address.calendar as RunsQuery["sync_status"],
    only_deleted: address.trash ? true : undefined,
  };
}

/** The filters of a list of runs; the words that are searched for may come later than the address. */
export function runsQueryOf(filters: LogFilters, q = filters.address.search) {
  const { shoe, type } = filters.address;
  return {
    ...shared(filters, q),
    type: type as RunsQuery["type"],
    include_duplicates: false,
    ...(shoe === "none" ? { without_shoe: true } : { shoe_id: shoe }),
  };
}

/** The filters of a list that is not of runs alone. */
export function timelineQueryOf(filters: LogFilters, q = filters.address.search) {
  const { kind } = filters;
  const of = kind === "all" ? undefined : kind === "reps" ? ("reps" as const) : ("workout" as const);
  return { ...shared(filters, q), kind: of, type: WORKOUT_TYPES[kind] };
}

export function FilterBar(filters: LogFilters) {
  const { address, change, kind, days } = filters;
  const compact = useFewFilters();
  const set = ["source", "type", "shoe", "calendar", "sort"].filter((name) => address[name]).length;
  const [open, setOpen] = useState(set > 0);
  const onKind = (next: KindFilter) =>
    change({
      kind: next === "all" ? undefined : next,
      ...(next !== "run" && Object.fromEntries([...RUNS_ONLY, "sort", "order"].map((name) => [name, undefined]))),
    });
  return (
    <div className="filters">
      <Chips name="Kind" options={KINDS} value={kind} onChange={onKind} />
      <SearchField value={address.search ?? ""} onChange={(search) => change({ search })} />
      {compact && (
        <Button aria-expanded={open} onPress={() => setOpen(!open)}>
          {set > 0 ? `Filters and order · ${set}` : "Filters and order"}
        </Button>
      )}
      {compact && <PeriodPicker {...days} compact />}
      {(open || !compact) && <Choices {...filters} />}
      {!compact && <PeriodPicker {...days} />}
    </div>
  );
}

function Choices({ address, change, kind }: LogFilters) {
  const { data } = useQuery({ ...shoes, enabled: kind === "run" });
  const worn = (data?.items ?? []).map(({ id, name }) => [id, name] as const);
  const ofRuns = [
    { name: "type", label: "Type", options: TYPES },
    { name: "shoe", label: "Shoe", options: [["", "Any shoe"], ["none", "No shoe"], ...worn] as const },
  ];
  return (
    <div className="filter-selects">
      <SelectField
        label="Source"
        hideLabel
        options={[["", "Any source"], ...SOURCES.map((source) => [source, source] as const)]}
        value={address.source ?? ""}
        onChange={(source) => change({ source })}
      />
      {kind === "run" &&
        ofRuns.map(({ name, label, options }) => (
          <SelectField
            key={name}
            label={label}
            hideLabel
            options={options}
            value={address[name] ?? ""}
            onChange={(value) => change({ [name]: value, kind: "run" })}
          />
        ))}
      <SelectField
        label="Calendar"
        hideLabel
        options={CALENDAR}
        value={address.calendar ?? ""}
        onChange={(calendar) => change({ calendar })}
      />
      <SelectField
        label="Sort by"
        hideLabel
        options={(kind === "run" ? SORTS_OF_RUNS : SORTS).flatMap(([sort, name]) => [
          [`${sort} desc`, `${name} ↓`] as const,
          [`${sort} asc`, `${name} ↑`] as const,
        ])}
        value={`${address.sort ?? "date"} ${address.order ?? "desc"}`}
        onChange={(chosen) => {
          const [sort, order] = chosen.split(" ");
          change({ sort, order });
        }}
      />
    </div>
  );
}

const TYPING_MS = 250;

function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what counts is the typing; the address follows it
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      className="input search"
      aria-label="Search"
      placeholder="Search titles and notes"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
