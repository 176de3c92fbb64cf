/** Saving changes of a run, with what takes them back. */

import { answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite, type Run } from "../api/queries";
import { restoreVersion } from "../api/records";
import { say } from "./messages";

export type RunChanges = Partial<Schemas["NewRun"]>;

/** Saves changes of a run that is at the version; what takes them back is a restore of that version. */
export async function saveRun({ id }: Pick<Run, "id">, changes: RunChanges, reason: string, version: number) {
  const params = { path: { run_id: id }, header: ifMatch(version) };
  const body = { ...changes, ...(reason && { change_reason: reason }) };
  await answer(api.PATCH("/v1/runs/{run_id}", { params, body }));
  await afterWrite();
  say("Run saved", () => restoreVersion("runs", id, version));
}
