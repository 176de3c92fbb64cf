/** Everything that was done, in one list: filtered by the address, sorted, searched, edited, deleted, brought back. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import type { SortDescriptor } from "react-aria-components";
import {
  afterWrite,
  allItems,
  type Run,
  type RunsQuery,
  runs,
  shoes,
  type TimelineQuery,
  timeline,
  totals,
} from "../api/queries";
import { type Address, useAddress } from "../components/address";
import { Button } from "../components/button";
import { Chips } from "../components/chips";
import { type Entry, ofActivity, ofRun } from "../components/entries";
import { EntriesTable } from "../components/entries-table";
import { useKeys } from "../components/keys";
import { say, sayFailure } from "../components/messages";
import { PageFrame } from "../components/page";
import { RunDialog } from "../components/run-dialog";
import { deleteRun, restoreRun } from "../components/run-trash";
import { SelectField } from "../components/select-field";
import { Empty, Failure, Loading } from "../components/states";
import { PERIODS, type Period, rangeOf } from "../format/days";
import { counted, distance, hours, pace } from "../format/units";
import { usePerson } from "../person";
import "../styles/log.css";

const KINDS = [
  ["all", "All"],
  ["run", "Runs"],
  ["lift", "Lifts"],
  ["cardio", "Cardio"],
  ["reps", "Reps"],
] as const;

type KindFilter = (typeof KINDS)[number][0];

const SOURCES = ["Strava", "MapMyFitness", "Hevy", "Manual"];
const WORKOUT_TYPES: Partial<Record<KindFilter, TimelineQuery["type"]>> = {
  lift: "STRENGTH",
  cardio: "CARDIO",
  reps: "REPS",
};

/** What only runs can be asked for makes the list one of runs. */
function kindOf(address: Address): KindFilter {
  const runsOnly = address.shoe || address.search || address.trash || address.sort || address.type;
  return runsOnly ? "run" : ((address.kind as KindFilter) ?? "all");
}

function useFilters() {
  const [address, change] = useAddress();
  const { today } = usePerson();
  const period = (address.period as Period) ?? "all";
  const range = address.start || address.end ? { start: address.start, end: address.end } : rangeOf(period, today);
  return { address, change, kind: kindOf(address), period, range };
}

type Filters = ReturnType<typeof useFilters>;

function useEntries({ address, kind, range }: Filters) {
  const search = useDeferredValue(address.search);
  const source = address.source as RunsQuery["source"];
  const runsQuery = {
    ...range,
    source,
    q: search || undefined,
    type: address.type as RunsQuery["type"],
    ...(address.shoe === "none" ? { without_shoe: true } : { shoe_id: address.shoe }),
    only_deleted: address.trash ? true : undefined,
    sort_by: address.sort as RunsQuery["sort_by"],
    sort_order: address.order as RunsQuery["sort_order"],
  };
  const ofRuns = useInfiniteQuery({ ...runs(runsQuery), enabled: kind === "run" });
  const activityKind = kind === "all" ? undefined : kind === "reps" ? ("reps" as const) : ("workout" as const);
  const ofAll = useInfiniteQuery({
    ...timeline({ ...range, source, kind: activityKind, type: WORKOUT_TYPES[kind] }),
    enabled: kind !== "run",
  });
  const asked = kind === "run" ? ofRuns : ofAll;
  const entries = useMemo(
    () => (kind === "run" ? allItems(ofRuns.data).map(ofRun) : allItems(ofAll.data).map(ofActivity)),
    [kind, ofRuns.data, ofAll.data],
  );
  return { asked, entries };
}

export default function Log() {
  const filters = useFilters();
  const { address, change, kind } = filters;
  const { asked, entries } = useEntries(filters);
  const [edited, setEdited] = useState<Run>();
  const trash = Boolean(address.trash);
  useKeys({ a: () => change({ add: "run" }) });
  const sort: SortDescriptor = {
    column: address.sort ?? "date",
    direction: address.order === "asc" ? "ascending" : "descending",
  };
  const onSort = ({ column, direction }: SortDescriptor) =>
    change({ sort: String(column), order: direction === "ascending" ? "asc" : "desc" });
  const actions = (entry: Entry) => <RowActions entry={entry} trash={trash} onEdit={setEdited} />;
  return (
    <PageFrame
      title={trash ? "Trash" : "Log"}
      lead={trash ? "Deleted runs keep their history; restoring one brings it back as it was." : undefined}
      actions={
        <>
          <Button look="quiet" onPress={() => change(trash ? { trash: undefined } : { trash: "yes", kind: "run" })}>
            {trash ? "Back to the log" : "Trash"}
          </Button>
          <Button look="primary" icon="plus" onPress={() => change({ add: "run" })}>
            Add run
          </Button>
        </>
      }
    >
      <FilterBar {...filters} />
      {!trash && <Totals {...filters} />}
      {asked.error && !asked.data ? (
        <Failure error={asked.error} retry={asked.refetch} />
      ) : asked.data ? (
        <EntriesTable
          entries={entries}
          isLoading={asked.isFetchingNextPage}
          onLoadMore={asked.hasNextPage ? () => void asked.fetchNextPage() : undefined}
          sort={kind === "run" ? sort : undefined}
          onSort={kind === "run" ? onSort : undefined}
          onEdit={({ run }) => run && setEdited(run)}
          actions={kind === "run" ? actions : undefined}
          phoneActions={trash ? actions : undefined}
          empty={<NothingFound filters={filters} />}
        />
      ) : (
        <Loading lines={10} />
      )}
      {address.add && <RunDialog onClose={() => change({ add: undefined })} />}
      {edited && <RunDialog run={edited} onClose={() => setEdited(undefined)} />}
    </PageFrame>
  );
}

function RowActions({ entry: { run }, trash, onEdit }: { entry: Entry; trash: boolean; onEdit: (run: Run) => void }) {
  if (!run) return null;
  const bring = async () => {
    try {
      await restoreRun(run);
      await afterWrite();
      say("Run restored");
    } catch (error) {
      sayFailure(error);
    }
  };
  if (trash) {
    return (
      <Button look="quiet" onPress={() => void bring()}>
        Restore
      </Button>
    );
  }
  return (
    <span className="row-actions">
      <Button look="quiet" onPress={() => onEdit(run)}>
        Edit
      </Button>
      <Button look="quiet" onPress={() => void deleteRun(run).catch(sayFailure)}>
        Delete
      </Button>
    </span>
  );
}

function FilterBar({ address, change, kind, period, range }: Filters) {
  const { data } = useQuery({ ...shoes, enabled: kind === "run" });
  const custom = Boolean(address.start || address.end);
  const onKind = (next: KindFilter) =>
    change({
      kind: next === "all" ? undefined : next,
      ...(next !== "run" && {
        shoe: undefined,
        search: undefined,
        trash: undefined,
        sort: undefined,
        order: undefined,
        type: undefined,
      }),
    });
  const periods = [...Object.entries(PERIODS), ["custom", "Custom …"]] as [string, string][];
  return (
    <div className="filters">
      <Chips name="Kind" options={KINDS} value={kind} onChange={onKind} />
      <SearchField value={address.search ?? ""} onChange={(search) => change({ search })} />
      <div className="filter-selects">
        <SelectField
          label="Period"
          hideLabel
          options={periods}
          value={custom ? "custom" : period}
          onChange={(next) =>
            change(
              next === "custom"
                ? { start: range.start ?? "2020-01-01", end: range.end, period: undefined }
                : { period: next === "all" ? undefined : next, start: undefined, end: undefined },
            )
          }
        />
        <SelectField
          label="Source"
          hideLabel
          options={[["", "Any source"], ...SOURCES.map((source) => [source, source] as const)]}
          value={address.source ?? ""}
          onChange={(source) => change({ source })}
        />
        {kind === "run" && (
          <>
            <SelectField
              label="Type"
              hideLabel
              options={[
                ["", "Any type"],
                ["Outdoor Run", "Outdoor"],
                ["Treadmill Run", "Treadmill"],
              ]}
              value={address.type ?? ""}
              onChange={(type) => change({ type, kind: "run" })}
            />
            <SelectField
              label="Shoe"
              hideLabel
              options={[
                ["", "Any shoe"],
                ["none", "No shoe"],
                ...(data?.items ?? []).map((shoe) => [shoe.id, shoe.name] as const),
              ]}
              value={address.shoe ?? ""}
              onChange={(shoe) => change({ shoe, kind: "run" })}
            />
          </>
        )}
      </div>
      {custom && (
        <div className="filter-selects">
          <DayField label="From" value={range.start} onChange={(start) => change({ start })} />
          <DayField label="To" value={range.end} onChange={(end) => change({ end })} />
        </div>
      )}
    </div>
  );
}

function DayField({ label, value, onChange }: { label: string; value?: string; onChange: (day: string) => void }) {
  return (
    <label className="day-field small">
      {label}
      <input type="date" className="input" value={value ?? ""} onChange={(event) => onChange(event.target.value)} />
    </label>
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
      placeholder="Search titles and notes of runs"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

/** What is filtered adds up to; of runs, where the API can add up all of the filter. */
function Totals({ address, kind, range }: Filters) {
  const { units } = usePerson();
  const summable = kind === "run" && !address.shoe && !address.search;
  const query = { ...range, type: address.type as RunsQuery["type"], source: address.source as RunsQuery["source"] };
  const { data } = useQuery({ ...totals(query), enabled: summable });
  if (!summable || !data) return null;
  return (
    <p className="totals">
      <b>{counted(data.runs, "run")}</b>
      <span>{distance(data.miles, units, 1)}</span>
      <span>{hours(data.seconds)}</span>
      <span>{pace(data.seconds, data.miles, units)}</span>
    </p>
  );
}

function NothingFound({ filters: { address, change } }: { filters: Filters }) {
  const { add: _, ...asked } = address;
  if (address.trash) return <Empty title="The trash is empty">Deleted runs appear here, and can be restored.</Empty>;
  if (Object.keys(asked).length > 0) {
    const none = Object.fromEntries(Object.keys(asked).map((name) => [name, undefined]));
    return (
      <Empty title="Nothing matches" actions={<Button onPress={() => change(none)}>Show everything</Button>}>
        No activity fits all of the filters.
      </Empty>
    );
  }
  return (
    <Empty
      title="Your log is empty"
      actions={
        <Button look="primary" icon="plus" onPress={() => change({ add: "run" })}>
          Add your first run
        </Button>
      }
    >
      Add a run by hand, or import a file under Changes.
    </Empty>
  );
}
