/** Everything that was done, in one list: filtered by the address, sorted, searched, edited, deleted, brought back. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import type { SortDescriptor } from "react-aria-components";
import type { Schemas } from "../api/client";
import {
  afterWrite,
  allItems,
  queryClient,
  type Run,
  type RunsQuery,
  run as runQuery,
  runs,
  type TimelineQuery,
  timeline,
  totals,
} from "../api/queries";
import { Button } from "../components/button";
import { type Entry, ofActivity, ofRun } from "../components/entries";
import { EntriesTable } from "../components/entries-table";
import { useKeys } from "../components/keys";
import { FilterBar, type KindFilter, type LogFilters, runsQueryOf, useLogFilters } from "../components/log-filters";
import { say, sayFailure } from "../components/messages";
import { useNarrow } from "../components/narrow";
import { PageFrame } from "../components/page";
import { RunDialog } from "../components/run-dialog";
import { restoreRun } from "../components/run-trash";
import { SelectionBar } from "../components/selection-bar";
import { Empty, Failure, Loading } from "../components/states";
import { counted, distance, hours, pace } from "../format/units";
import { usePerson } from "../person";
import "../styles/log.css";

const WORKOUT_TYPES: Partial<Record<KindFilter, TimelineQuery["type"]>> = {
  lift: "STRENGTH",
  cardio: "CARDIO",
  reps: "REPS",
};

function useEntries(filters: LogFilters) {
  const { address, kind, range } = filters;
  const search = useDeferredValue(address.search);
  const runsQuery = {
    ...runsQueryOf(filters),
    search: search || undefined,
    sort_by: address.sort as RunsQuery["sort_by"],
    sort_order: address.order as RunsQuery["sort_order"],
  };
  const ofRuns = useInfiniteQuery({ ...runs(runsQuery), enabled: kind === "run" });
  const activityKind = kind === "all" ? undefined : kind === "reps" ? ("reps" as const) : ("workout" as const);
  const source = address.source as TimelineQuery["source"];
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

const NONE: ReadonlySet<string> = new Set();

export default function Log() {
  const filters = useLogFilters();
  const { address, change, kind } = filters;
  const { asked, entries } = useEntries(filters);
  const narrow = useNarrow();
  const [edited, setEdited] = useState<Schemas["Run"]>();
  const [chosen, setChosen] = useState(NONE);
  const [choosing, setChoosing] = useState(false);
  const trash = Boolean(address.trash);
  useKeys({ a: () => change({ add: "run" }) });
  const sort: SortDescriptor = {
    column: address.sort ?? "date",
    direction: address.order === "asc" ? "ascending" : "descending",
  };
  const onSort = ({ column, direction }: SortDescriptor) =>
    change({ sort: String(column), order: direction === "ascending" ? "asc" : "desc" });
  const edit = async ({ id, kind: of, run }: Entry) => {
    if (of === "run") setEdited(run ?? (await queryClient.fetchQuery({ ...runQuery(id), staleTime: 0 })));
  };
  const stopChoosing = () => {
    setChosen(NONE);
    setChoosing(false);
  };
  return (
    <PageFrame
      title={trash ? "Trash" : "Log"}
      lead={trash ? "Deleted runs keep their history; restoring one brings it back as it was." : undefined}
      actions={
        <>
          {narrow && !trash && (
            <Button look="quiet" onPress={choosing ? stopChoosing : () => setChoosing(true)}>
              {choosing ? "Done" : "Choose"}
            </Button>
          )}
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
          runs={kind === "run"}
          chosen={chosen}
          onChoose={trash || (narrow && !choosing) ? undefined : setChosen}
          onEdit={(entry) => void edit(entry).catch(sayFailure)}
          actions={trash ? restoreButton : undefined}
          empty={<NothingFound filters={filters} />}
        />
      ) : (
        <Loading lines={10} />
      )}
      <SelectionBar chosen={entries.filter(({ id }) => chosen.has(id))} onClear={stopChoosing} />
      {address.add && <RunDialog onClose={() => change({ add: undefined })} />}
      {edited && <RunDialog run={edited} onClose={() => setEdited(undefined)} />}
    </PageFrame>
  );
}

function restoreButton({ run }: Entry) {
  return (
    run && (
      <Button look="quiet" onPress={() => void bringBack(run)}>
        Restore
      </Button>
    )
  );
}

async function bringBack(run: Run): Promise<void> {
  try {
    await restoreRun(run);
    await afterWrite();
    say("Run restored");
  } catch (error) {
    sayFailure(error);
  }
}

/** What is filtered adds up to; of runs, where the API can add up all of the filter. */
function Totals({ address, kind, range }: LogFilters) {
  const { units } = usePerson();
  const summable = kind === "run" && !address.shoe && !address.search && !address.calendar;
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

function NothingFound({ filters: { address, change } }: { filters: LogFilters }) {
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
