/** Deleting a run, and bringing it back. */

import { answer, api } from "../api/client";
import { afterWrite, type Run } from "../api/queries";
import { say } from "./messages";

/** Deletes a run; a restore of its last version takes that back. */
export async function deleteRun(run: Pick<Run, "id" | "version">): Promise<void> {
  await removeRun(run.id);
  await afterWrite();
  say("Run deleted", () => restoreRun(run));
}

export function removeRun(run_id: string, header?: { "If-Match": string }): Promise<unknown> {
  return answer(api.DELETE("/v1/runs/{run_id}", { params: { path: { run_id }, header } }));
}

export function restoreRun(run: Pick<Run, "id" | "version">): Promise<unknown> {
  const path = { run_id: run.id, version: run.version };
  return answer(api.POST("/v1/runs/{run_id}/restore/{version}", { params: { path } }));
}
