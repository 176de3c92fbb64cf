/** Deleting a record, with what brings it back. */

import { ifMatch } from "../api/client";
import { afterWrite } from "../api/queries";
import { deleteRecord, type Noun, undoTo } from "../api/records";
import { say } from "./messages";

interface Version {
  id: string | number;
  version: number;
  live_edits?: number;
}

/** Deletes a record that is at this version; a restore of the version takes that back. */
export async function remove(noun: Noun, { id, version, live_edits }: Version, name: string): Promise<void> {
  await deleteRecord(noun, id, ifMatch(version, live_edits));
  await afterWrite();
  say(`${name} deleted`, undoTo(noun, id, version, ifMatch(version + 1)));
}
