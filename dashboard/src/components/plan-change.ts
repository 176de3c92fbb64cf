/** One change of a planned workout by one press or drop, with what takes it back. */

import { type IfMatch, ifMatch } from "../api/client";
import type { Planned } from "../api/plan";
import { afterWrite, queryClient } from "../api/queries";
import { record, undoTo } from "../api/records";
import { type Change, changeNow, inTurn } from "../api/turns";
import { say } from "./messages";
import { isSaved } from "./mismatch";

type Call = (meant: IfMatch) => Promise<IfMatch>;

/**
 * Makes a change, once those before it have ended; where the planned workout was edited since it was shown, of what it is now, so that Undo takes back
 * this change alone. `call` makes none where there is nothing to change. Throws ApiError.
 */
export async function changePlanned(
  planned: Planned,
  text: string,
  call: (current: Planned) => Call | null,
): Promise<void> {
  const { id } = planned;
  const made = await inTurn("planned-workouts", id, async () => {
    let current = planned;
    let made: Change | undefined;
    const make = async () => {
      const now = call(current);
      made = now ? await changeNow("planned-workouts", id, ifMatch(current.version), now) : undefined;
    };
    while (!(await isSaved(make))) {
      current = await queryClient.fetchQuery({ ...record<Planned>("planned-workouts", id), staleTime: 0 });
    }
    return made;
  });
  await afterWrite();
  const undo = made && undoTo("planned-workouts", id, made.before, made.made);
  // A second press changes nothing: what takes the first one back stays.
  if (undo) say(text, undo);
}
