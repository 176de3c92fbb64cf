/** Deleting a record, and bringing it back, each with what undoes it. */

import { ifMatch } from "../api/client";
import { afterWrite } from "../api/queries";
import { deleteRecord, type Noun, restoreDeleted, undoTo } from "../api/records";
import { change } from "../api/turns";
import { say, sayFailure } from "./messages";

interface Version {
  id: string | number;
  version: number;
  live_edits?: number;
}

/** Deletes a record that is at this version; a restore of the version takes that back. */
export async function remove(noun: Noun, { id, version, live_edits }: Version, name: string): Promise<void> {
  const { before, made } = await change(noun, id, ifMatch(version, live_edits), (meant) =>
    deleteRecord(noun, id, meant),
  );
  await afterWrite();
  say(`${name} deleted`, undoTo(noun, id, before, made));
}

/** Brings a deleted record back, as it was. */
export async function bringBack(noun: Noun, id: string | number, name: string): Promise<void> {
  try {
    const made = await restoreDeleted(noun, id);
    await afterWrite();
    say(`${name} restored`, undoTo(noun, id, null, made));
  } catch (error) {
    sayFailure(error);
  }
}
