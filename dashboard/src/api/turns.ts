/** Changes that this page makes of one record: one after the other, each of what the one before left. */

import { answer, api, type IfMatch, ifMatch, versionIn } from "./client";
import { ApiError } from "./error";
import { queryClient } from "./queries";
import { type Noun, pathOf } from "./records";

/** What a change was meant for, and what it made of the record. */
export interface Change {
  before: number;
  made: IfMatch;
}

const latest = new Map<string, Promise<unknown>>();
/** The latest change of many records, as a bulk edit is: those of one record begin after it. */
let latestOfMany: Promise<unknown> = Promise.resolve();
const keyOf = (noun: Noun, id: string | number) => `${noun} ${id}`;

/** Does something once what was begun before with the record has ended, well or not. */
export async function inTurn<T>(noun: Noun, id: string | number, work: () => Promise<T>): Promise<T> {
  const key = keyOf(noun, id);
  const turn = Promise.allSettled([latest.get(key), latestOfMany]).then(work);
  latest.set(key, turn);
  try {
    return await turn;
  } finally {
    if (latest.get(key) === turn) latest.delete(key);
  }
}

/** The changesets that this page has made of many records; forgotten with all that is known. */
const OF_MANY = ["made", "changesets"];

/** Makes a change of many records once all that was begun before has ended; changes of one of them follow it. */
export async function changeMany<T extends { changeset_id: number | null }>(work: () => Promise<T>): Promise<T> {
  const turn = Promise.allSettled([...latest.values(), latestOfMany]).then(work);
  latestOfMany = turn.then(
    ({ changeset_id }) => queryClient.setQueryData<unknown[]>(OF_MANY, (before = []) => [...before, changeset_id]),
    () => undefined,
  );
  return turn;
}

/** The tag of a record's newest version, if this page's changes of many records made all versions after this one. */
async function afterChangesOfMany(noun: Noun, id: string | number, version: number): Promise<IfMatch | undefined> {
  const made = queryClient.getQueryData<unknown[]>(OF_MANY);
  if (!made) return undefined;
  const params = { path: { run_id: String(id) }, query: { limit: made.length + 1 } };
  const { items } = await answer(api.GET(pathOf(noun, "/history"), { params }));
  const since = items.filter(({ version_number }) => version_number > version);
  const [newest] = since;
  return newest && since.every(({ changeset_id }) => made.includes(changeset_id))
    ? ifMatch(newest.version_number)
    : undefined;
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
export async function changeNow(noun: Noun, id: string | number, shown: IfMatch, call: Call): Promise<Change> {
  const made = queryClient.getQueryData<Tags>(tagsOf(noun, id)) ?? {};
  let tag = shown["If-Match"];
  for (let next = made[tag]; next; next = made[tag]) tag = next;
  const meant = { "If-Match": tag };
  try {
    return await noted(noun, id, meant, call);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 412)) throw error;
    const now = await afterChangesOfMany(noun, id, versionIn(meant));
    if (!now) throw error;
    return noted(noun, id, now, call);
  }
}

/** Makes such a change in turn. Throws ApiError. */
export function change(noun: Noun, id: string | number, shown: IfMatch, call: Call): Promise<Change> {
  return inTurn(noun, id, () => changeNow(noun, id, shown, call));
}
