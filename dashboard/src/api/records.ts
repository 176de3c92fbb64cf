/** The calls that are the same for every noun with versions. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type ChangedRecord = Schemas["ChangedRecord"];
export type Noun = ChangedRecord["noun"];
export type Origin = Schemas["Origin"];
export type Blame = Schemas["Blame"] & Partial<Pick<Schemas["WorkoutBlame"], "exercise_executions">>;

/** The path of such a call, as that of runs is typed. */
function of<Rest extends string>(noun: Noun, rest: Rest): `/v1/runs/{run_id}${Rest}` {
  return `/v1/${noun}/{run_id}${rest}` as `/v1/runs/{run_id}${Rest}`;
}

export function restoreVersion(noun: Noun, id: string | number, version: number): Promise<unknown> {
  const path = { run_id: String(id), version };
  return answer(api.POST(of(noun, "/restore/{version}"), { params: { path } }));
}

/** Who set each field, and when; asked again for every version. */
export const blame = (noun: Noun, id: string, version: number) =>
  queryOptions({
    queryKey: ["blame", noun, id, version],
    queryFn: async () =>
      (await answer(api.GET(of(noun, "/blame"), { params: { path: { run_id: id } } }))) as unknown as Blame,
    staleTime: Infinity,
  });

/** What differs between two versions, as the history says it. */
export const diff = (noun: Noun, id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["diff", noun, id, from, to],
    queryFn: async () => {
      const params = { path: { run_id: id }, query: { from, to } };
      return (await answer(api.GET(of(noun, "/diff"), { params }))).changes as Record<string, unknown>;
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
  return answer(api.POST(of(noun, "/conflicts/{field}"), { params: { path }, body: { take } }));
}

/** The record as it stands now. */
export const record = <R>(noun: Noun, id: string | number) =>
  queryOptions({
    queryKey: ["record", noun, id],
    queryFn: async () =>
      (await answer(api.GET(of(noun, ""), { params: { path: { run_id: String(id) } } }))) as unknown as R,
  });
