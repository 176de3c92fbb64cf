/** What the settings ask of the API: tokens, connections, all data at once. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { allPages } from "./pages";
import { inDoubt } from "./queries";

export type ApiToken = Schemas["ApiToken"];
export type Connection = Schemas["Connection"];
export type Provider = "strava" | "hevy" | "google";

export const PROVIDERS: Record<Provider, { name: string; brings: string }> = {
  strava: { name: "Strava", brings: "Brings your runs and shoes." },
  hevy: { name: "Hevy", brings: "Brings your lifts. It needs a key of Hevy Pro." },
  google: { name: "Google Calendar", brings: "Shows your runs and workouts in your calendar." },
};

export const apiTokens = queryOptions({
  queryKey: ["tokens"],
  queryFn: () => allPages<ApiToken>((query) => answer(api.GET("/v1/auth/tokens", { params: { query } }))),
});

export type Protection = Schemas["Protection"];

/** How the account is protected. */
export const protection = queryOptions({
  queryKey: ["protection"],
  queryFn: () => answer(api.GET("/v1/auth/protection")),
});

export const passkeys = queryOptions({
  queryKey: ["passkeys"],
  queryFn: () => allPages<Schemas["Passkey"]>((query) => answer(api.GET("/v1/auth/passkeys", { params: { query } }))),
});

export type Session = Schemas["Session"];
export type SecurityEvent = Schemas["SecurityEvent"];

export const sessions = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => allPages<Session>((query) => answer(api.GET("/v1/auth/sessions", { params: { query } }))),
});

const EVENTS_SHOWN = 100;

export const securityLog = queryOptions({
  queryKey: ["security-log"],
  queryFn: async () =>
    (await answer(api.GET("/v1/auth/security-log", { params: { query: { limit: EVENTS_SHOWN } } }))).items,
  staleTime: 0,
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

export async function exportAll(): Promise<Blob> {
  return (await answer(api.GET("/v1/users/me/export", { parseAs: "blob" }))) as unknown as Blob;
}

export function importArchive(file: File, dry_run: boolean): Promise<Schemas["ArchiveReport"]> {
  const form = new FormData();
  form.append("file", file);
  const report = answer(
    api.POST("/v1/users/me/import", {
      params: { query: { dry_run } },
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    }),
  );
  return dry_run ? report : report.catch(inDoubt);
}

export type Bookmark = Schemas["Bookmark"];

export const bookmarks = queryOptions({
  queryKey: ["bookmarks"],
  queryFn: async () => (await answer(api.GET("/v1/bookmarks"))).items,
});
