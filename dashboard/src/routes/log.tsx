/** Everything that was done, in one list: filtered by the address, sorted, searched, edited, deleted, brought back. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import type { Schemas } from "../api/client";
import {
  afterWrite,
  allItems,
  queryClient,
  type RunsQuery,
  run as runQuery,
  runs,
  type TimelineQuery,
  timeline,
} from "../api/queries";
import { restoreDeleted } from "../api/records";
import { Button } from "../components/button";
import { type Entry, ofActivity, ofRun } from "../components/entries";
import { EntriesTable, type Sort } from "../components/entries-table";
import { useKeys } from "../components/keys";
import { FilterBar, type LogFilters, runsQueryOf, timelineQueryOf, useLogFilters } from "../components/log-filters";
import { Totals } from "../components/log-totals";
import { say, sayFailure } from "../components/messages";
import { useNarrow } from "../components/narrow";
import { PageFrame } from "../components/page";
import { RunDialog } from "../components/run-dialog";
import { SelectionBar } from "../components/selection-bar";
import { Empty, Failure, Loading } from "../components/states";
import "../styles/log.css";

function useEntries(filters: LogFilters) {
  const { address, kind } = filters;
  const search = useDeferredValue(address.search);
  const sort_order = address.order as RunsQuery["sort_order"];
  const ofRuns = useInfiniteQuery({
    ...runs({ ...runsQueryOf(filters, search), sort_by: address.sort as RunsQuery["sort_by"], sort_order }),
    enabled: kind === "run",
  });
  const ofAll = useInfiniteQuery({
    ...timeline({ ...timelineQueryOf(filters, search), sort_by: address.sort as TimelineQuery["sort_by"], sort_order }),
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
  const sort = { by: address.sort ?? "date", ascending: address.order === "asc" };
  const onSort = ({ by, ascending }: Sort) => change({ sort: by, order: ascending ? "asc" : "desc" });
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
      lead={trash ? "What is deleted keeps its history; restoring it brings it back as it was." : undefined}
      actions={
        <>
          {narrow && !trash && (
            <Button look="quiet" onPress={choosing ? stopChoosing : () => setChoosing(true)}>
              {choosing ? "Done" : "Choose"}
            </Button>
          )}
          <Button look="quiet" onPress={() => change({ trash: trash ? undefined : "yes" })}>
            {trash ? "Back to the log" : "Trash"}
          </Button>
          <Button look="primary" icon="plus" onPress={() => change({ add: "run" })}>
            Add run
          </Button>
        </>
      }
    >
      <FilterBar {...filters} />
      <Totals {...filters} />
      {asked.error && !asked.data ? (
        <Failure error={asked.error} retry={asked.refetch} />
      ) : asked.data ? (
        <EntriesTable
          entries={entries}
          isLoading={asked.isFetchingNextPage}
          onLoadMore={asked.hasNextPage ? () => void asked.fetchNextPage() : undefined}
          sort={sort}
          onSort={onSort}
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

function restoreButton(entry: Entry) {
  return (
    <Button look="quiet" onPress={() => void bringBack(entry)}>
      Restore
    </Button>
  );
}

async function bringBack({ kind, id, title }: Entry): Promise<void> {
  try {
    await restoreDeleted(kind === "run" ? "runs" : "workouts", id);
    await afterWrite();
    say(`${title} restored`);
  } catch (error) {
    sayFailure(error);
  }
}

function NothingFound({ filters: { address, change } }: { filters: LogFilters }) {
  const { add: _, ...asked } = address;
  if (address.trash) {
    return <Empty title="The trash is empty">Deleted activities appear here, and can be restored.</Empty>;
  }
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
