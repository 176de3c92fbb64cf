/** Changesets: their records, and what a revert, a rewind or an import would do. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { ChangedRecord, Noun } from "./records";
import { changeMany } from "./turns";

const PAGE = 100;

export interface RecordsFilter {
  noun?: Noun;
  what?: ChangedRecord["what"];
}

export const changeset = (changeset_id: number) =>
  queryOptions({
    queryKey: ["changesets", changeset_id],
    queryFn: () => answer(api.GET("/v1/changesets/{changeset_id}", { params: { path: { changeset_id } } })),
  });

export const recordsOf = (changeset_id: number, filter: RecordsFilter) =>
  infiniteQueryOptions({
    queryKey: ["changesets", changeset_id, "records", filter],
    queryFn: ({ pageParam }) => {
      const params = { path: { changeset_id }, query: { limit: PAGE, ...filter, cursor: pageParam } };
      return answer(api.GET("/v1/changesets/{changeset_id}/records", { params }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** What a dry run answers: its counts, and page by page the records that it would change. */
export interface DryRun {
  records: { items: ChangedRecord[]; next_cursor: string | null } | null;
}

/** A dry run; each page of its records repeats it. */
export const preview = <T extends DryRun>(key: unknown[], call: (cursor: string | undefined) => Promise<T>) =>
  infiniteQueryOptions({
    queryKey: ["preview", ...key],
    queryFn: ({ pageParam }) => call(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ records }) => records?.next_cursor ?? undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });

export type Undone = Schemas["Undone"];

/** Reverts a changeset; what was edited since stays, unless `force` takes it back, too. */
export function revert(changeset_id: number, query: { force?: boolean } = {}): Promise<Undone> {
  const params = { path: { changeset_id }, query };
  return changeMany(() => answer(api.POST("/v1/changesets/{changeset_id}/revert", { params })));
}

export function previewRevert(changeset_id: number, force: boolean, cursor?: string): Promise<Undone> {
  const params = { path: { changeset_id }, query: { force, cursor, dry_run: true } };
  return answer(api.POST("/v1/changesets/{changeset_id}/revert", { params }));
}

/** What takes a revert, merge or rewind back: a revert of its changeset. */
export function undoOf({ changeset_id }: Pick<Undone, "changeset_id">): (() => Promise<Undone>) | undefined {
  return changeset_id === null ? undefined : () => revert(changeset_id);
}

export function rewind(to: string): Promise<Undone> {
  const body = { to, dry_run: false, limit: PAGE };
  return changeMany(() => answer(api.POST("/v1/users/me/rewind", { body })));
}

export function previewRewind(to: string, cursor?: string): Promise<Undone> {
  return answer(api.POST("/v1/users/me/rewind", { body: { to, dry_run: true, limit: PAGE, cursor } }));
}
