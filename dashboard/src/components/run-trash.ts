/** Deleting a run, and bringing it back. */

import { answer, api } from "../api/client";
import { afterWrite, type Run } from "../api/queries";
import { say } from "./messages";

/** Deletes a run; a restore of its last version takes that back. */
export async function deleteRun(run: Pick<Run, "id" | "version">): Promise<void> {
  const path = { run_id: run.id };
  await answer(api.DELETE("/v1/runs/{run_id}", { params: { path } }));
  await afterWrite();
  say("Run deleted", () => restoreRun(run));
}

export function restoreRun(run: Pick<Run, "id" | "version">): Promise<unknown> {
  const path = { run_id: run.id, version: run.version };
  return answer(api.POST("/v1/runs/{run_id}/restore/{version}", { params: { path } }));
}
