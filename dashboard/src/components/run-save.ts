/** Saving changes of runs, each with what takes it back. */

import { forEach, type Progress } from "../api/batch";
import { answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite, type Run } from "../api/queries";
import { counted } from "../format/units";
import { say } from "./messages";
import { removeRun, restoreRun } from "./run-trash";

export type RunChanges = Partial<Schemas["NewRun"]>;

function patch(run_id: string, changes: RunChanges, reason: string, version: number): Promise<Schemas["Run"]> {
  const body = { ...changes, ...(reason && { change_reason: reason }) };
  return answer(api.PATCH("/v1/runs/{run_id}", { params: { path: { run_id }, header: ifMatch(version) }, body }));
}

/** Saves changes of a run that is at the version; what takes them back is a restore of that version. */
export async function saveRun(run: Pick<Run, "id">, changes: RunChanges, reason: string, version: number) {
  await patch(run.id, changes, reason, version);
  await afterWrite();
  say("Run saved", () => restoreRun({ id: run.id, version }));
}

type Version = Pick<Run, "id" | "version">;

/** Makes the same changes to many runs; one undo takes all of them back. Throws what went wrong first. */
export async function saveRuns(
  runs: Version[],
  changes: RunChanges,
  reason: string,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const save = ({ id, version }: Version) => patch(id, changes, reason, version);
  await all("changed", runs, save, onProgress);
}

export async function deleteRuns(runs: Version[], onProgress: (progress: Progress) => void): Promise<void> {
  const remove = ({ id, version }: Version) => removeRun(id, ifMatch(version));
  await all("deleted", runs, remove, onProgress);
}

async function all(
  verb: string,
  runs: Version[],
  call: (run: Version) => Promise<unknown>,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { done, failed, problem } = await forEach(runs, call, onProgress);
  await afterWrite();
  if (done.length > 0) {
    const undo = () => forEach(done, ({ item }) => restoreRun(item), onProgress);
    say(`${counted(done.length, "run")} ${verb}${failed > 0 ? `, ${failed} not` : ""}`, undo);
  }
  if (problem) throw problem;
}
