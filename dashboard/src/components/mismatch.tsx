/** When a run changed while it was being edited: both sides, and the choice between them. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { type Run, run as runQuery } from "../api/queries";
import { differences, RUN_FIELDS } from "../format/versions";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Differences } from "./differences";
import { sayFailure } from "./messages";
import { useReading } from "./reading";
import { Answer } from "./states";

type Changes = Partial<Schemas["NewRun"]> & { change_reason?: string };
type Save = (run: Pick<Run, "id">, changes: Changes, reason: string, version: number) => Promise<void>;

export function Mismatch({
  runId,
  changes,
  save,
  onClose,
}: {
  runId: string;
  changes: Changes;
  save: Save;
  onClose: () => void;
}) {
  const now = useQuery({ ...runQuery(runId), staleTime: 0, refetchOnMount: "always" });
  const reading = useReading();
  const [busy, setBusy] = useState(false);
  const { change_reason, ...fields } = changes;
  async function keepMine(version: number) {
    setBusy(true);
    try {
      await save({ id: runId }, fields, change_reason ?? "", version);
      onClose();
    } catch (error) {
      sayFailure(error);
      setBusy(false);
      void now.refetch();
    }
  }
  return (
    <Dialog title="This run changed meanwhile" onClose={onClose} mustAnswer wide>
      <Answer of={{ ...now, data: now.isFetching ? undefined : now.data }} lines={3}>
        {(current) => (
          <>
            <p className="quiet">
              Somebody, perhaps you in another window, saved version {current.version}. Here is what stands there now
              (−) and what you want to save (+).
            </p>
            <Differences
              of={differences(RUN_FIELDS, current, { ...current, ...fields }, reading)}
              none="What stands there now is what you wanted."
            />
            <div className="row end">
              <Button onPress={onClose}>Keep what is there</Button>
              <Button look="primary" isPending={busy} onPress={() => void keepMine(current.version)}>
                Save mine over it
              </Button>
            </div>
          </>
        )}
      </Answer>
    </Dialog>
  );
}
