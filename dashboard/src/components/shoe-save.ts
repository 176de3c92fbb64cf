/** Saving changes of a shoe, each with what takes it back. */

import { answer, api, ifMatch, type Schemas } from "../api/client";
import { afterWrite, type Shoe } from "../api/queries";
import { say } from "./messages";

export function restoreShoe(shoe: Shoe, version: number): Promise<unknown> {
  const path = { shoe_id: shoe.id, version };
  return answer(api.POST("/v1/shoes/{shoe_id}/restore/{version}", { params: { path } }));
}

export async function changeShoe(shoe: Shoe, body: Schemas["ShoeChanges"], done: string): Promise<void> {
  const params = { path: { shoe_id: shoe.id }, header: ifMatch(shoe.version) };
  await answer(api.PATCH("/v1/shoes/{shoe_id}", { params, body }));
  await afterWrite();
  say(done, () => restoreShoe(shoe, shoe.version));
}

export function bringBackShoe(shoe: Shoe): Promise<void> {
  return changeShoe(shoe, { retired_at: null, retirement_notes: null }, `${shoe.name} is in use again`);
}

export async function deleteShoe(shoe: Shoe): Promise<void> {
  await answer(api.DELETE("/v1/shoes/{shoe_id}", { params: { path: { shoe_id: shoe.id } } }));
  await afterWrite();
  say(`${shoe.name} deleted`, () => restoreShoe(shoe, shoe.version));
}
