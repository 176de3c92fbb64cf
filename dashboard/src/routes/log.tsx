/** Everything that was done, in one list: filtered by the address, sorted, searched, edited, deleted, brought back. */

import { useState } from "react";
import { Button } from "../components/button";
import { useKeys } from "../components/keys";
import { FilterBar, useLogFilters } from "../components/log-filters";
import { LogRows } from "../components/log-rows";
import { Totals } from "../components/log-totals";
import { useNarrow } from "../components/narrow";
import { PageFrame } from "../components/page";
import { RunDialog } from "../components/run-dialog";
import "../styles/log.css";

export default function Log() {
  const filters = useLogFilters();
  const { address, change } = filters;
  const narrow = useNarrow();
  const [choosing, setChoosing] = useState(false);
  const trash = Boolean(address.trash);
  useKeys({ a: () => change({ add: "run" }) });
  return (
    <PageFrame
      title={trash ? "Trash" : "Log"}
      lead={trash ? "What is deleted keeps its history; restoring it brings it back as it was." : undefined}
      actions={
        <>
          {narrow && !trash && (
            <Button look="quiet" onPress={() => setChoosing(!choosing)}>
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
      <LogRows filters={filters} choosing={choosing} narrow={narrow} onChosen={() => setChoosing(false)} />
      {address.add && <RunDialog onClose={() => change({ add: undefined })} />}
    </PageFrame>
  );
}
