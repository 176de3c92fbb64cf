/** Saving changes of a shoe, each with what takes it back. */

import { api, ifMatch, madeBy, type Schemas } from "../api/client";
import { afterWrite, type Shoe } from "../api/queries";
import { undoTo } from "../api/records";
import { say } from "./messages";

export async function changeShoe(shoe: Shoe, body: Schemas["ShoeChanges"], done: string): Promise<void> {
  const params = { path: { shoe_id: shoe.id }, header: ifMatch(shoe.version) };
  const made = await madeBy(api.PATCH("/v1/shoes/{shoe_id}", { params, body }));
  await afterWrite();
  say(done, undoTo("shoes", shoe.id, shoe.version, made));
}

export function bringBackShoe(shoe: Shoe): Promise<void> {
  return changeShoe(shoe, { retired_at: null, retirement_notes: null }, `${shoe.name} is in use again`);
}
