/** Saving changes of a run, with what takes them back. */

import { api, ifMatch, madeBy, type Schemas } from "../api/client";
import { afterWrite, type Run } from "../api/queries";
import { undoTo } from "../api/records";
import { change } from "../api/turns";
import { say } from "./messages";

export type RunChanges = Partial<Schemas["NewRun"]>;

/** Saves changes of a run that is at the version; what takes them back is a restore of that version, unless it was edited since. */
export async function saveRun({ id }: Pick<Run, "id">, changes: RunChanges, reason: string, version: number) {
  const body = { ...changes, ...(reason && { change_reason: reason }) };
  const { before, made } = await change("runs", id, ifMatch(version), (header) =>
    madeBy(api.PATCH("/v1/runs/{run_id}", { params: { path: { run_id: id }, header }, body })),
  );
  await afterWrite();
  say("Run saved", undoTo("runs", id, before, made));
}
