/** The rows of the log: more of them while one scrolls, chosen, edited, brought back. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import type { Schemas } from "../api/client";
import {
  type Activity,
  queryClient,
  type RunsQuery,
  run as runQuery,
  runs,
  type TimelineQuery,
  timeline,
} from "../api/queries";
import { usePerson } from "../person";
import { Button } from "./button";
import { type Entry, ofActivity, ofRun, rowsOf } from "./entries";
import { EntriesTable, type Sort } from "./entries-table";
import { followingOf } from "./following";
import { type LogFilters, runsQueryOf, timelineQueryOf } from "./log-filters";
import { sayFailure } from "./messages";
import { RunDialog } from "./run-dialog";
import { SelectionBar } from "./selection-bar";
import { Empty, Failure, Loading } from "./states";
import { bringBack } from "./trash";

const rowsOfRuns = rowsOf(ofRun);
const rowsOfAll = {
  miles: rowsOf((activity: Activity) => ofActivity(activity, "miles")),
  kilometres: rowsOf((activity: Activity) => ofActivity(activity, "kilometres")),
};

function useEntries(filters: LogFilters) {
  const { address, kind } = filters;
  const { units } = usePerson();
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
    () => (kind === "run" ? rowsOfRuns(ofRuns.data) : rowsOfAll[units](ofAll.data)),
    [kind, units, ofRuns.data, ofAll.data],
  );
  return { asked, entries };
}

const NONE: ReadonlySet<string> = new Set();

interface Props {
  filters: LogFilters;
  /** Whether somebody began to choose rows; where there is room, rows can always be chosen. */
  choosing: boolean;
  narrow: boolean;
  onChosen: () => void;
}

export function LogRows({ filters, choosing, narrow, onChosen }: Props) {
  const { address, change, kind } = filters;
  const { asked, entries } = useEntries(filters);
  const [edited, setEdited] = useState<Schemas["Run"]>();
  const [chosen, setChosen] = useState(NONE);
  const trash = Boolean(address.trash);
  useEffect(() => {
    if (!choosing) setChosen(NONE);
  }, [choosing]);
  const sort = { by: address.sort ?? "date", ascending: address.order === "asc" };
  const onSort = ({ by, ascending }: Sort) => change({ sort: by, order: ascending ? "asc" : "desc" });
  const edit = async ({ id, kind: of, run }: Entry) => {
    if (of === "run") setEdited(run ?? (await queryClient.fetchQuery({ ...runQuery(id), staleTime: 0 })));
  };
  function clear() {
    setChosen(NONE);
    onChosen();
  }
  if (asked.error && !asked.data) return <Failure error={asked.error} retry={asked.refetch} />;
  if (!asked.data) return <Loading lines={10} />;
  return (
    <>
      <EntriesTable
        entries={entries}
        {...followingOf(asked)}
        sort={sort}
        onSort={onSort}
        runs={kind === "run"}
        chosen={chosen}
        onChoose={trash || (narrow && !choosing && chosen.size === 0) ? undefined : setChosen}
        onEdit={(entry) => void edit(entry).catch(sayFailure)}
        actions={trash ? restoreButton : undefined}
        empty={<NothingFound filters={filters} />}
      />
      {chosen.size > 0 && <SelectionBar chosen={entries.filter(({ id }) => chosen.has(id))} onClear={clear} />}
      {edited && <RunDialog run={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function restoreButton({ kind, id, title }: Entry) {
  return (
    <Button look="quiet" onPress={() => bringBack(kind === "run" ? "runs" : "workouts", id, title)}>
      Restore
    </Button>
  );
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
