/** What pages ask of the API: one query a noun, and what a change makes stale. */

import {
  type Query as CachedQuery,
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  QueryClient,
  type QueryFilters,
  queryOptions,
} from "@tanstack/react-query";
import { type Day, daysBetween } from "../format/days";
import { ApiError, answer, api, type Schemas, Unreached } from "./client";
import type { paths } from "./schema";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Without a network a page says so, instead of waiting without a word.
      networkMode: "always",
      refetchOnReconnect: true,
      retry: (failures, error) => !(error instanceof ApiError && error.status < 500) && failures < 2,
      retryDelay: (failures) => 500 * 2 ** failures,
    },
  },
});

/**
 * Asks anew for what is shown. A first answer that is still on its way is not waited for: it may tell of the time
 * before a write, and TanStack Query would take it for the answer to the new question, too.
 */
export async function askAnew({ predicate = () => true }: Pick<QueryFilters, "predicate"> = {}): Promise<void> {
  await queryClient.cancelQueries({
    predicate: (query) => query.isActive() && query.state.data === undefined && predicate(query),
  });
  await queryClient.invalidateQueries({ predicate });
}

/** What no write makes stale, and what a dialog tries once: after it is applied, a second dry run has nothing to try. */
const KEPT: unknown[] = ["me", "server", "drop", "preview"];

/** A record, list or figure may look different after any write: all that is shown is asked for anew. */
export function afterWrite(): Promise<void> {
  return askAnew({ predicate: ({ queryKey }) => !KEPT.includes(queryKey[0]) });
}

const answers = queryClient.getQueryCache();

export function subscribeToAnswers(listener: () => void): () => void {
  return answers.subscribe(listener);
}

/** What is shown though it could not be asked for anew. The rows that follow in a list say so at its end. */
function isOld({ state: { status, data, fetchMeta } }: CachedQuery): boolean {
  return status === "error" && data !== undefined && !fetchMeta?.fetchMore;
}

/** Why something that is shown could not be asked for anew; null where everything could. */
export function failureToRenew(): Error | null {
  return answers.findAll({ type: "active", predicate: isOld })[0]?.state.error ?? null;
}

/** Asks anew for all that is shown and may be old. */
export function renew(): Promise<void> {
  return queryClient.refetchQueries({ type: "active", predicate: isOld });
}

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;

export type RunsQuery = Omit<Query<"/v1/runs/details">, "cursor">;
export type TimelineQuery = Omit<Query<"/v1/timeline">, "cursor">;
export type MetricsQuery = Query<"/v1/metrics/mileage/by-day">;

export type Run = Schemas["RunDetails"];
export type Activity = Schemas["Activity"];
export type Shoe = Schemas["Shoe"];
export type Changeset = Schemas["Changeset"];
export type User = Schemas["User"];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

const PAGE = 200;
/** The most that the API gives at once, for whoever scrolls on. */
const NEXT_PAGE = 500;

const pageAfter = (cursor: string | undefined) => ({ limit: cursor ? NEXT_PAGE : PAGE, cursor });

export function allItems<T>(data: InfiniteData<Page<T>> | undefined): T[] {
  return data ? data.pages.flatMap((page) => page.items) : [];
}

const following = { initialPageParam: undefined as string | undefined };
const next = <T>(page: Page<T>) => page.next_cursor ?? undefined;

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: () => answer(api.GET("/v1/users/me")),
  staleTime: Infinity,
});

/** Which server this is; asked once. */
export const server = queryOptions({
  queryKey: ["server"],
  queryFn: () => answer(api.GET("/v1/health")),
  staleTime: Infinity,
});

const LOST =
  "The server cannot be reached. Whether the import went through is not known: look at Changes before you try again.";
/** What a proxy answers when it has lost the server. */
const GATEWAYS = [502, 504];
const KNOCKING = { staleTime: 0, retry: true, retryDelay: 2000 };

/**
 * Throws the error of an import. Where its answer is lost, that is what the error says, and what is shown is asked for
 * anew once the server is back.
 */
export function inDoubt(error: unknown): never {
  const isLost = error instanceof Unreached || (error instanceof ApiError && GATEWAYS.includes(error.status));
  if (!isLost) throw error;
  void queryClient.fetchQuery({ ...server, ...KNOCKING }).then(afterWrite);
  throw new Unreached(LOST);
}

export const usage = queryOptions({
  queryKey: ["usage"],
  queryFn: () => answer(api.GET("/v1/users/me/usage")),
});

export const runs = (query: RunsQuery) =>
  infiniteQueryOptions({
    ...following,
    queryKey: ["runs", query],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/runs/details", { params: { query: { ...pageAfter(pageParam), ...query } } })),
    getNextPageParam: next,
    placeholderData: keepPreviousData,
  });

export const timeline = (query: TimelineQuery) =>
  infiniteQueryOptions({
    ...following,
    queryKey: ["timeline", query],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/timeline", { params: { query: { ...pageAfter(pageParam), ...query } } })),
    getNextPageParam: next,
    placeholderData: keepPreviousData,
  });

const FOUND = 8;

/** The newest activities whose titles or notes hold these words. */
export const foundActivities = (q: string) =>
  queryOptions({
    queryKey: ["found", q],
    queryFn: () => answer(api.GET("/v1/timeline", { params: { query: { q, limit: FOUND } } })),
    placeholderData: keepPreviousData,
  });

export const runTotals = (query: Query<"/v1/runs/totals">) =>
  queryOptions({
    queryKey: ["totals", "runs", query],
    queryFn: () => answer(api.GET("/v1/runs/totals", { params: { query } })),
    placeholderData: keepPreviousData,
  });

export const timelineTotals = (query: Query<"/v1/timeline/totals">) =>
  queryOptions({
    queryKey: ["totals", "timeline", query],
    queryFn: () => answer(api.GET("/v1/timeline/totals", { params: { query } })),
    placeholderData: keepPreviousData,
  });

export const run = (run_id: string) =>
  queryOptions({
    queryKey: ["run", run_id],
    queryFn: () =>
      answer(api.GET("/v1/runs/{run_id}", { params: { path: { run_id }, query: { include_deleted: true } } })),
  });

export const shoes = queryOptions({ queryKey: ["shoes"], queryFn: () => answer(api.GET("/v1/shoes")) });

export const mileageByShoe = queryOptions({
  queryKey: ["mileage", "shoe"],
  queryFn: () => answer(api.GET("/v1/metrics/mileage/by-shoe", { params: { query: { include_retired: true } } })),
});

export const changesets = infiniteQueryOptions({
  ...following,
  queryKey: ["changesets"],
  queryFn: ({ pageParam }) =>
    answer(api.GET("/v1/changesets", { params: { query: { limit: 50, cursor: pageParam } } })),
  getNextPageParam: next,
});

const metric = <T>(name: string, query: MetricsQuery, call: () => Promise<T>) =>
  queryOptions({ queryKey: ["metrics", name, query], queryFn: call, placeholderData: keepPreviousData });

export const mileageOfDays = ({ days }: Schemas["MileageByDay"]) =>
  days.map(({ date, ...sums }) => ({ start: date, ...sums }));

export const mileage = (period: "day" | "week" | "month", query: MetricsQuery) =>
  metric(period, query, async () => {
    const params = { params: { query } };
    if (period === "week") {
      const { weeks } = await answer(api.GET("/v1/metrics/mileage/by-week", params));
      return weeks.map(({ week, ...sums }) => ({ start: week, ...sums }));
    }
    if (period === "day") {
      return mileageOfDays(await answer(api.GET("/v1/metrics/mileage/by-day", params)));
    }
    const { months } = await answer(api.GET("/v1/metrics/mileage/by-month", params));
    return months.map(({ month, ...sums }) => ({ start: month, ...sums }));
  });

/** Totals of a range, with its days, unless it is open at its start. */
export const totals = (query: MetricsQuery, today: Day) =>
  metric("totals", query, async () => {
    const params = { params: { query } };
    const [way, time] = await Promise.all([
      answer(api.GET("/v1/metrics/mileage/total", params)),
      answer(api.GET("/v1/metrics/seconds/total", params)),
    ]);
    const days = query.start ? daysBetween(query.start, query.end ?? today) + 1 : undefined;
    return { ...way, ...time, days };
  });

export const trainingLoad = (query: MetricsQuery) =>
  metric("load", query, () => answer(api.GET("/v1/metrics/training-load/by-day", { params: { query } })));

export const records = (query: MetricsQuery) =>
  metric("records", query, () => answer(api.GET("/v1/metrics/records", { params: { query } })));

export const bestEfforts = (query: MetricsQuery) =>
  metric("best-efforts", query, () => answer(api.GET("/v1/metrics/best-efforts", { params: { query } })));

export const streaks = metric("streaks", {}, () => answer(api.GET("/v1/metrics/streaks")));
