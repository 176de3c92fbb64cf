/** Changesets: what they are called, and how they are taken back. */

import { answer, api, type Schemas } from "../api/client";
import type { Changeset } from "../api/queries";

const KINDS: Record<string, string> = {
  import: "Import",
  sync: "Sync",
  bulk_edit: "Bulk edit",
  merge: "Merge of shoes",
  revert: "Revert",
  rewind: "Rewind",
};
export function titleOf({ kind, source, reverts }: Changeset): string {
  if (reverts) return `Revert of change ${reverts}`;
  return [KINDS[kind] ?? kind, source && `from ${source}`].filter(Boolean).join(" ");
}

export type Reverted = Schemas["Reverted"];

/** What takes a revert back: another one. */
export function undoOf({ changeset_id }: Reverted): (() => Promise<Reverted>) | undefined {
  return changeset_id === null ? undefined : () => revert(changeset_id);
}

/** Reverts a changeset; the answer names what was left alone, which can then be taken back as well. */
export function revert(changeset_id: number, force = false): Promise<Reverted> {
  const params = { path: { changeset_id }, query: { force } };
  return answer(api.POST("/v1/changesets/{changeset_id}/revert", { params }));
}
