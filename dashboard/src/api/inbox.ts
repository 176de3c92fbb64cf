/** What waits for a decision: its counts, its lists, and the decisions. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type IfMatch, ifMatch, madeBy, type Schemas } from "./client";

export type Conflict = Schemas["FieldConflict"];

/** Two records that may be the same; `keep` is the one that is suggested to count. */
export type Pair =
  | { noun: "runs"; one: Schemas["Run"]; keep: Schemas["Run"] }
  | { noun: "workouts"; one: Schemas["Workout"]; keep: Schemas["Workout"] }
  | { noun: "planned-workouts"; one: Schemas["PlannedWorkout"]; keep: Schemas["PlannedWorkout"] };

export interface FailedSync {
  noun: "runs" | "workouts";
  id: string;
  error: string | null;
}

export const inbox = queryOptions({
  queryKey: ["inbox", "counts"],
  queryFn: () => answer(api.GET("/v1/inbox")),
});

export function waitingIn({ conflicts, duplicates, failed_calendar_syncs }: Schemas["Inbox"]): number {
  return conflicts + duplicates + failed_calendar_syncs;
}

const PAGE = 50;
const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
};

export const conflicts = infiniteQueryOptions({
  ...paged,
  queryKey: ["inbox", "conflicts"],
  queryFn: ({ pageParam }) =>
    answer(api.GET("/v1/conflicts", { params: { query: { limit: PAGE, cursor: pageParam } } })),
});

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

async function pairs<T, P extends Pair>(asked: Promise<Page<T>>, of: (item: T) => P): Promise<Page<Pair>> {
  const { items, next_cursor } = await asked;
  return { items: items.map(of), next_cursor };
}

const PAIRS = {
  runs: (query: { limit: number; cursor?: string }) =>
    pairs(answer(api.GET("/v1/runs/duplicates", { params: { query } })), ({ run, duplicate_of }) => ({
      noun: "runs",
      one: run,
      keep: duplicate_of,
    })),
  workouts: (query: { limit: number; cursor?: string }) =>
    pairs(answer(api.GET("/v1/workouts/duplicates", { params: { query } })), ({ workout, duplicate_of }) => ({
      noun: "workouts",
      one: workout,
      keep: duplicate_of,
    })),
  "planned-workouts": (query: { limit: number; cursor?: string }) =>
    pairs(
      answer(api.GET("/v1/planned-workouts/duplicates", { params: { query } })),
      ({ planned_workout, duplicate_of }) => ({ noun: "planned-workouts", one: planned_workout, keep: duplicate_of }),
    ),
};

export const duplicates = (noun: Pair["noun"]) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ["inbox", "duplicates", noun],
    queryFn: ({ pageParam }) => PAIRS[noun]({ limit: PAGE, cursor: pageParam }),
  });

/** Marks the one record as a duplicate of the other, which alone counts then. */
export function markSame(pair: Pair): Promise<IfMatch> {
  const header = ifMatch(pair.one.version, "live_edits" in pair.one ? pair.one.live_edits : 0);
  switch (pair.noun) {
    case "runs": {
      const params = { path: { run_id: pair.one.id }, header };
      return madeBy(api.PUT("/v1/runs/{run_id}/duplicate-of", { params, body: { run_id: pair.keep.id } }));
    }
    case "workouts": {
      const params = { path: { workout_id: pair.one.id }, header };
      return madeBy(api.PUT("/v1/workouts/{workout_id}/duplicate-of", { params, body: { workout_id: pair.keep.id } }));
    }
    case "planned-workouts": {
      const params = { path: { planned_workout_id: pair.one.id }, header };
      const body = { planned_workout_id: pair.keep.id };
      return madeBy(api.PUT("/v1/planned-workouts/{planned_workout_id}/duplicate-of", { params, body }));
    }
  }
}

/** Remembers that the two are not the same. */
export function markDifferent(noun: Pair["noun"], one: string | number, other: string | number): Promise<unknown> {
  const path = `/v1/${noun}/{run_id}/duplicate-of/{other_run_id}` as "/v1/runs/{run_id}/duplicate-of/{other_run_id}";
  return answer(api.DELETE(path, { params: { path: { run_id: String(one), other_run_id: String(other) } } }));
}

/** Lets the two be suggested as the same again. */
export function forgetDifferent(noun: Pair["noun"], one: string | number, other: string | number): Promise<unknown> {
  const path =
    `/v1/${noun}/{run_id}/different-from/{other_run_id}` as "/v1/runs/{run_id}/different-from/{other_run_id}";
  return answer(api.DELETE(path, { params: { path: { run_id: String(one), other_run_id: String(other) } } }));
}

const FAILED = {
  runs: async (query: { limit: number; cursor?: string }): Promise<Page<FailedSync>> => {
    const { items, next_cursor } = await answer(api.GET("/v1/sync/runs/failed", { params: { query } }));
    return { items: items.map(({ run_id: id, error_message: error }) => ({ noun: "runs", id, error })), next_cursor };
  },
  workouts: async (query: { limit: number; cursor?: string }): Promise<Page<FailedSync>> => {
    const { items, next_cursor } = await answer(api.GET("/v1/sync/workouts/failed", { params: { query } }));
    return {
      items: items.map(({ workout_id: id, error_message: error }) => ({ noun: "workouts", id, error })),
      next_cursor,
    };
  },
};

export const failedSyncs = (noun: FailedSync["noun"]) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ["inbox", "failed", noun],
    queryFn: ({ pageParam }) => FAILED[noun]({ limit: PAGE, cursor: pageParam }),
  });

export function sendAgain({ noun, id }: FailedSync): Promise<unknown> {
  return noun === "runs"
    ? answer(api.POST("/v1/sync/runs/{run_id}", { params: { path: { run_id: id } } }))
    : answer(api.POST("/v1/sync/workouts/{workout_id}", { params: { path: { workout_id: id } } }));
}
