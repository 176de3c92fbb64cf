/** Saving changes of a shoe, each with what takes it back. */

import { api, ifMatch, madeBy, type Schemas } from "../api/client";
import { afterWrite, type Shoe } from "../api/queries";
import { undoTo } from "../api/records";
import { change } from "../api/turns";
import { say } from "./messages";

export async function changeShoe(shoe: Shoe, body: Schemas["ShoeChanges"], done: string): Promise<void> {
  const { id: shoe_id, version } = shoe;
  const { before, made } = await change("shoes", shoe_id, ifMatch(version), (header) =>
    madeBy(api.PATCH("/v1/shoes/{shoe_id}", { params: { path: { shoe_id }, header }, body })),
  );
  await afterWrite();
  say(done, undoTo("shoes", shoe_id, before, made));
}

export function bringBackShoe(shoe: Shoe): Promise<void> {
  return changeShoe(shoe, { retired_at: null, retirement_notes: null }, `${shoe.name} is in use again`);
}
