/** The calls that are the same for every noun with versions. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, answer, api, type IfMatch, ifMatch, madeBy, type Schemas, versionIn } from "./client";
import { allPages } from "./pages";
import { changeExactly } from "./turns";

export type ChangedRecord = Schemas["ChangedRecord"];
export type Noun = ChangedRecord["noun"];
export type Origin = Schemas["Origin"];
export type Blame = Schemas["Blame"] & Partial<Pick<Schemas["WorkoutBlame"], "exercise_executions">>;

/** The path of such a call, as that of runs is typed. */
export function pathOf<Rest extends string>(noun: Noun, rest: Rest): `/v1/runs/{run_id}${Rest}` {
  return `/v1/${noun}/{run_id}${rest}` as `/v1/runs/{run_id}${Rest}`;
}

export function restoreVersion(noun: Noun, id: string | number, version: number, header?: IfMatch): Promise<IfMatch> {
  const path = { run_id: String(id), version };
  return madeBy(api.POST(pathOf(noun, "/restore/{version}"), { params: { path, header } }));
}

/** Brings a deleted record back, as it was. */
export async function restoreDeleted(noun: Noun, id: string | number): Promise<IfMatch> {
  const params = { path: { run_id: String(id) }, query: { include_deleted: true } };
  const { version } = await answer(api.GET(pathOf(noun, ""), { params }));
  return restoreVersion(noun, id, version);
}

/** Deletes a record that is as the headers say. */
export async function deleteRecord(noun: Noun, id: string | number, header: IfMatch): Promise<IfMatch> {
  await answer(api.DELETE(pathOf(noun, ""), { params: { path: { run_id: String(id) }, header } }));
  return ifMatch(versionIn(header) + 1);
}

/** What a change did cannot be taken back without asking: the record was edited since. */
export class EditedSince extends Error {
  constructor(
    readonly noun: Noun,
    readonly id: string | number,
    /** The version that would come back; null: the record would be deleted. */
    readonly version: number | null,
  ) {
    super("It was edited since");
  }
}

/**
 * What takes a change back: the version before it comes back, or, with null, the record is deleted. `made` is of the
 * record as the change left it: what was edited since then is not overwritten. A change that became part of a version,
 * as of a workout in progress, cannot be taken back.
 */
export function undoTo(
  noun: Noun,
  id: string | number,
  version: number | null,
  made: IfMatch,
): (() => Promise<unknown>) | undefined {
  if (versionIn(made) === version) return undefined;
  const takeBack = (meant: IfMatch) =>
    version === null ? deleteRecord(noun, id, meant) : restoreVersion(noun, id, version, meant);
  return async () => {
    try {
      await changeExactly(noun, id, made, takeBack);
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) throw new EditedSince(noun, id, version);
      throw error;
    }
  };
}

/** A version of a record, with the record's fields. */
export const versionOf = (noun: Noun, id: string | number, version: number) =>
  queryOptions({
    queryKey: ["version", noun, id, version],
    queryFn: () => {
      const params = { path: { run_id: String(id), version } };
      return answer(api.GET(pathOf(noun, "/history/{version}"), { params }));
    },
  });

/** More are asked for by a press: most records have a few. */
const VERSIONS = 100;

/** The versions of a record that is at one of them; until those of a new version are there, the ones before show. */
export const history = (noun: Noun, id: string | number, version: number) =>
  infiniteQueryOptions({
    queryKey: ["history", noun, id, version],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const params = { path: { run_id: String(id) }, query: { limit: VERSIONS, cursor: pageParam } };
      return answer(api.GET(pathOf(noun, "/history"), { params }));
    },
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: (before, query) => (query?.queryKey[2] === id ? before : undefined),
  });

/** Who set each field, and when; asked again for every version. */
export const blame = (noun: Noun, id: string, version: number) =>
  queryOptions({
    queryKey: ["blame", noun, id, version],
    queryFn: async () =>
      (await answer(api.GET(pathOf(noun, "/blame"), { params: { path: { run_id: id } } }))) as unknown as Blame,
    staleTime: Infinity,
  });

/** What differs between two versions, as the history says it. */
export const diff = (noun: Noun, id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["diff", noun, id, from, to],
    queryFn: async () => {
      const params = { path: { run_id: id }, query: { from, to } };
      return (await answer(api.GET(pathOf(noun, "/diff"), { params }))).changes as Record<string, unknown>;
    },
    staleTime: Infinity,
  });

export function decide(
  noun: Noun,
  id: string | number,
  field: string,
  take: "mine" | "theirs",
): Promise<Schemas["Decided"]> {
  const path = { run_id: String(id), field };
  return answer(api.POST(pathOf(noun, "/conflicts/{field}"), { params: { path }, body: { take } }));
}

/** The record as it stands now. */
export const record = <R>(noun: Noun, id: string | number, include_deleted = false) =>
  queryOptions({
    queryKey: ["record", noun, id, include_deleted],
    queryFn: async () => {
      const params = { path: { run_id: String(id) }, query: { include_deleted } };
      return (await answer(api.GET(pathOf(noun, ""), { params }))) as unknown as R;
    },
  });

/** A record that was deleted, of a noun whose records have no page of their own. */
export interface Deleted {
  id: string | number;
  name?: string;
  title?: string;
  deleted_at: string | null;
  merged_into?: string | null;
}

/** What was deleted of a noun, the latest first; what became part of another record is not. */
export const deletedOf = (noun: Noun) =>
  queryOptions({
    queryKey: ["deleted", noun],
    queryFn: async () => {
      const found = await allPages<Deleted>((page) => {
        // Shoes come in one page, and exercises with those of the catalog.
        const ofNoun = noun === "shoes" ? {} : noun === "exercises" ? { ...page, source: "own" } : page;
        const query = { ...ofNoun, include_deleted: true };
        return answer(api.GET(`/v1/${noun}` as "/v1/planned-workouts", { params: { query } }));
      });
      return found
        .filter(({ deleted_at, merged_into }) => deleted_at !== null && !merged_into)
        .toSorted((a, b) => (b.deleted_at ?? "").localeCompare(a.deleted_at ?? ""));
    },
  });
