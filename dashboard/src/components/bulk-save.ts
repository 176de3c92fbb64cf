/** Changing or deleting many activities by one call: one changeset, which one revert takes back. */

import { undoOf } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { changeMany } from "../api/turns";
import { counted } from "../format/units";
import type { Entry } from "./entries";
import { say } from "./messages";

/** The fields that many runs may share; activities of other kinds have the notes alone. */
export type BulkChanges = Schemas["BulkRunChanges"];

interface Edit {
  changes?: BulkChanges;
  delete: boolean;
  change_reason?: string | null;
}

type Chosen = Pick<Entry, "kind" | "id">;

export const areRuns = (chosen: Chosen[]) => chosen.every(({ kind }) => kind === "run");

export const countOf = (count: number, chosen: Chosen[]) =>
  areRuns(chosen) ? counted(count, "run") : counted(count, "activity", "activities");

export function changeAll(chosen: Chosen[], changes: BulkChanges, change_reason: string | null): Promise<void> {
  return edit("changed", chosen, { changes, delete: false, change_reason });
}

export function deleteAll(chosen: Chosen[]): Promise<void> {
  return edit("deleted", chosen, { delete: true });
}

async function edit(verb: string, chosen: Chosen[], what: Edit): Promise<void> {
  const report = await changeMany(() => send(chosen, { ...what, dry_run: false, limit: 1 }));
  await afterWrite();
  const gone = report.not_found.length;
  say(`${countOf(report.changed, chosen)} ${verb}${gone > 0 ? `; ${gone} no longer there` : ""}`, undoOf(report));
}

function send(chosen: Chosen[], edit: Edit & { dry_run: boolean; limit: number }) {
  if (areRuns(chosen)) {
    return answer(api.POST("/v1/runs/bulk", { body: { ...edit, ids: chosen.map(({ id }) => id) } }));
  }
  const items = chosen.map(({ kind, id }) => ({
    noun: kind === "run" ? ("runs" as const) : ("workouts" as const),
    id,
  }));
  return answer(api.POST("/v1/timeline/bulk", { body: { ...edit, items } }));
}
