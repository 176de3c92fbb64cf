/** The calls that are the same for every noun with versions. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type IfMatch, type Schemas } from "./client";

export type ChangedRecord = Schemas["ChangedRecord"];
export type Noun = ChangedRecord["noun"];
export type Origin = Schemas["Origin"];
export type Blame = Schemas["Blame"] & Partial<Pick<Schemas["WorkoutBlame"], "exercise_executions">>;

/** The path of such a call, as that of runs is typed. */
export function pathOf<Rest extends string>(noun: Noun, rest: Rest): `/v1/runs/{run_id}${Rest}` {
  return `/v1/${noun}/{run_id}${rest}` as `/v1/runs/{run_id}${Rest}`;
}

export function restoreVersion(noun: Noun, id: string | number, version: number, header?: IfMatch): Promise<unknown> {
  const path = { run_id: String(id), version };
  return answer(api.POST(pathOf(noun, "/restore/{version}"), { params: { path, header } }));
}

/** Brings a deleted record back, as it was. */
export async function restoreDeleted(noun: Noun, id: string | number): Promise<unknown> {
  const params = { path: { run_id: String(id) }, query: { include_deleted: true } };
  const { version } = await answer(api.GET(pathOf(noun, ""), { params }));
  return restoreVersion(noun, id, version);
}

export function deleteRecord(noun: Noun, id: string | number, header?: IfMatch): Promise<unknown> {
  return answer(api.DELETE(pathOf(noun, ""), { params: { path: { run_id: String(id) }, header } }));
}

const MOST_VERSIONS = 500;

/** The versions of a record that is at one of them; until those of a new version are there, the ones before show. */
export const history = (noun: Noun, id: string | number, version: number) =>
  queryOptions({
    queryKey: ["history", noun, id, version],
    queryFn: async () => {
      const params = { path: { run_id: String(id) }, query: { limit: MOST_VERSIONS } };
      return (await answer(api.GET(pathOf(noun, "/history"), { params }))).items;
    },
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
export const record = <R>(noun: Noun, id: string | number) =>
  queryOptions({
    queryKey: ["record", noun, id],
    queryFn: async () =>
      (await answer(api.GET(pathOf(noun, ""), { params: { path: { run_id: String(id) } } }))) as unknown as R,
  });
