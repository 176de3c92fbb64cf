/** What the settings ask of the API: tokens, connections, all data at once. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type ApiToken = Schemas["ApiToken"];
export type Connection = Schemas["Connection"];
export type Provider = "strava" | "hevy" | "google";

const MOST_TOKENS = 500;

export const apiTokens = queryOptions({
  queryKey: ["tokens"],
  queryFn: async () => (await answer(api.GET("/v1/auth/tokens", { params: { query: { limit: MOST_TOKENS } } }))).items,
});

const POLL_MS = 2000;

/** How a connection stands, again and again while a sync is under way. */
export const connection = (provider: Provider) =>
  queryOptions({
    queryKey: ["connection", provider],
    queryFn: () => answer(api.GET("/v1/oauth/{provider}/status", { params: { path: { provider } } })),
    refetchInterval: ({ state }) => (state.data?.syncing ? POLL_MS : false),
  });

export async function authorizeUrl(provider: Provider): Promise<string> {
  return (await answer(api.GET("/v1/oauth/{provider}/authorize-url", { params: { path: { provider } } }))).url;
}

export function disconnect(provider: Provider, query: { keep_records: boolean; force: boolean }): Promise<unknown> {
  return answer(api.DELETE("/v1/oauth/{provider}", { params: { path: { provider }, query } }));
}

/** Syncs at once and says in a few words what came of it. */
export async function syncNow(provider: Provider): Promise<string> {
  if (provider === "google") {
    const [runs, workouts] = [await answer(api.POST("/v1/sync/runs")), await answer(api.POST("/v1/sync/workouts"))];
    return summaryOf("sent", [runs, workouts]);
  }
  const path = provider === "strava" ? "/v1/strava/sync" : "/v1/hevy/sync";
  return summaryOf("added", [await answer(api.POST(path))]);
}

type Outcome = Pick<Schemas["SyncReport"], "created" | "updated" | "deleted" | "failed" | "complete">;

function summaryOf(created: string, outcomes: Outcome[]): string {
  const sum = (name: "created" | "updated" | "deleted" | "failed") =>
    outcomes.reduce((total, outcome) => total + outcome[name], 0);
  const parts = [
    `${sum("created")} ${created}`,
    `${sum("updated")} changed`,
    `${sum("deleted")} deleted`,
    ...(sum("failed") > 0 ? [`${sum("failed")} failed`] : []),
  ];
  const whole = outcomes.every((outcome) => outcome.complete);
  return parts.join(", ") + (whole ? "" : "; a limit stopped it, and the next sync goes on there");
}

export async function exportAll(): Promise<Blob> {
  return (await answer(api.GET("/v1/users/me/export", { parseAs: "blob" }))) as unknown as Blob;
}

export function importArchive(file: File, dry_run: boolean): Promise<Schemas["ArchiveReport"]> {
  const form = new FormData();
  form.append("file", file);
  return answer(
    api.POST("/v1/users/me/import", {
      params: { query: { dry_run } },
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    }),
  );
}

export type Bookmark = Schemas["Bookmark"];

export const bookmarks = queryOptions({
  queryKey: ["bookmarks"],
  queryFn: async () => (await answer(api.GET("/v1/bookmarks"))).items,
});
