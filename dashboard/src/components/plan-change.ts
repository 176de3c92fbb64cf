/** One change of a planned workout by one press or drop, with what takes it back. */

import type { IfMatch } from "../api/client";
import type { Planned } from "../api/plan";
import { afterWrite, queryClient } from "../api/queries";
import { record, undoTo } from "../api/records";
import { say } from "./messages";
import { isSaved } from "./mismatch";

/**
 * Makes a change; where the planned workout was edited since it was shown, of what it is now, so that Undo takes back
 * this change alone. `call` makes none where there is nothing to change. Throws ApiError.
 */
export async function changePlanned(
  planned: Planned,
  text: string,
  call: (current: Planned) => Promise<IfMatch> | null,
): Promise<void> {
  let current = planned;
  let made: IfMatch | null = null as IfMatch | null;
  const make = async () => {
    made = await call(current);
  };
  while (!(await isSaved(make))) {
    current = await queryClient.fetchQuery({ ...record<Planned>("planned-workouts", planned.id), staleTime: 0 });
  }
  await afterWrite();
  const undo = made && undoTo("planned-workouts", current.id, current.version, made);
  // A second press changes nothing: what takes the first one back stays.
  if (undo) say(text, undo);
}
