/** Changes that this page makes of one record: one after the other, each of what the one before left. */

import { type IfMatch, versionIn } from "./client";
import { ApiError } from "./error";
import { queryClient } from "./queries";
import type { Noun } from "./records";

/** What a change was meant for, and what it made of the record. */
export interface Change {
  before: number;
  made: IfMatch;
}

const latest = new Map<string, Promise<unknown>>();
const keyOf = (noun: Noun, id: string | number) => `${noun} ${id}`;

/** Does something once what was begun before with the record has ended, well or not. */
export async function inTurn<T>(noun: Noun, id: string | number, work: () => Promise<T>): Promise<T> {
  const key = keyOf(noun, id);
  const turn = (latest.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
  latest.set(key, turn);
  try {
    return await turn;
  } finally {
    if (latest.get(key) === turn) latest.delete(key);
  }
}

/** Whether a change of the record is under way: it is not as the page shows it. */
export function isChanging(noun: Noun, id: string | number): boolean {
  return latest.has(keyOf(noun, id));
}

/** What this page's changes made of a record, by the tag that each was meant for; forgotten with all that is known. */
const tagsOf = (noun: Noun, id: string | number) => ["made", noun, id];
type Tags = Record<string, string>;

type Call = (meant: IfMatch) => Promise<IfMatch>;

async function noted(noun: Noun, id: string | number, meant: IfMatch, call: Call): Promise<Change> {
  const key = tagsOf(noun, id);
  try {
    const made = await call(meant);
    queryClient.setQueryData<Tags>(key, (before) => ({ ...before, [meant["If-Match"]]: made["If-Match"] }));
    return { before: versionIn(meant), made };
  } catch (error) {
    // It was changed elsewhere: nothing follows any more.
    if (error instanceof ApiError && error.status === 412) queryClient.removeQueries({ queryKey: key });
    throw error;
  }
}

/** Makes a change of a record that is meant for it just as it was. Throws ApiError. */
export function changeExactly(noun: Noun, id: string | number, meant: IfMatch, call: Call): Promise<Change> {
  return inTurn(noun, id, () => noted(noun, id, meant, call));
}

/**
 * Makes a change of a record that the page shows as it is, or as it was before changes of this page: nobody else's can
 * lie between. The record is in turn already. Throws ApiError.
 */
export function changeNow(noun: Noun, id: string | number, shown: IfMatch, call: Call): Promise<Change> {
  const made = queryClient.getQueryData<Tags>(tagsOf(noun, id)) ?? {};
  let tag = shown["If-Match"];
  for (let next = made[tag]; next; next = made[tag]) tag = next;
  return noted(noun, id, { "If-Match": tag }, call);
}

/** Makes such a change in turn. Throws ApiError. */
export function change(noun: Noun, id: string | number, shown: IfMatch, call: Call): Promise<Change> {
  return inTurn(noun, id, () => changeNow(noun, id, shown, call));
}
