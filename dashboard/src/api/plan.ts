/** What the plan asks of the API. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { addDays, type Day } from "../format/days";
import { answer, api, type IfMatch, madeBy, type Schemas } from "./client";
import { allPages } from "./pages";
import type { Activity } from "./queries";
import type { paths } from "./schema";

export type Planned = Schemas["PlannedWorkout"] & {
  /** What fulfils it, where it is at hand. */
  did?: Activity;
};
export type Candidate = Schemas["Candidate"];
export type SelectionChanges = Schemas["SelectionChanges"];
export type AdherenceWeek = Schemas["AdherenceWeek"];

type PlannedQuery = NonNullable<paths["/v1/planned-workouts"]["get"]["parameters"]["query"]>;

const allPlanned = (query: PlannedQuery) =>
  allPages<Planned>((page) => answer(api.GET("/v1/planned-workouts", { params: { query: { ...query, ...page } } })));

export const plannedOf = (query: PlannedQuery) =>
  queryOptions({
    queryKey: ["planned", query],
    queryFn: () => allPlanned(query),
    // Those of other days stay until those of the days that are shown now are there: a page keeps its height.
    placeholderData: keepPreviousData,
  });

/** How many days before or after its own one a planned workout is looked for among what was done. */
const DAYS_APART = 3;

/** What was done by its id; null what is deleted since, and fulfils nothing as long as it is not restored. */
export type Done = Map<string, Activity | null>;

/** What was done on these days and around them. */
export const doneAround = (range: { start: Day; end: Day; time_zone: string }) =>
  queryOptions({
    queryKey: ["done", range],
    queryFn: async (): Promise<Done> => {
      const [start, end] = [addDays(range.start, -DAYS_APART), addDays(range.end, DAYS_APART)];
      const query = { ...range, start, end, include_duplicates: true };
      const all = (only_deleted: boolean) =>
        allPages<Activity>((page) =>
          answer(api.GET("/v1/timeline", { params: { query: { ...query, only_deleted, ...page } } })),
        );
      const [there, deleted] = await Promise.all([all(false), all(true)]);
      return new Map([...there.map((one) => [one.id, one] as const), ...deleted.map(({ id }) => [id, null] as const)]);
    },
    placeholderData: keepPreviousData,
  });

/** Planned workouts, each with what fulfils it. */
export function withDone(planned: Planned[], done: Done): Planned[] {
  return planned.map((one) => {
    const did = done.get(one.done?.run_id ?? one.done?.workout_id ?? "");
    return did === null ? { ...one, done: null } : { ...one, did };
  });
}

const FOUND = 5;

/** The next planned workouts whose titles or texts hold these words; where none is to come, the first that were. */
export const foundPlanned = (q: string, today: Day) =>
  queryOptions({
    queryKey: ["planned", "found", q, today],
    queryFn: async () => {
      const from = (start?: Day) =>
        answer(api.GET("/v1/planned-workouts", { params: { query: { q, start, limit: FOUND } } }));
      const ahead = await from(today);
      return ahead.items.length > 0 ? ahead : from();
    },
    placeholderData: keepPreviousData,
  });

export const adherence = (range: { start: Day; end: Day; time_zone: string }) =>
  queryOptions({
    queryKey: ["adherence", range],
    queryFn: async () => (await answer(api.GET("/v1/plan/adherence", { params: { query: range } }))).weeks,
    placeholderData: keepPreviousData,
  });

const at = (planned_workout_id: number) => ({ path: { planned_workout_id } });

export const candidates = (id: number, time_zone: string) =>
  queryOptions({
    queryKey: ["planned", id, "candidates", time_zone],
    queryFn: async () => {
      const params = { ...at(id), query: { time_zone } };
      return (await answer(api.GET("/v1/planned-workouts/{planned_workout_id}/candidates", { params }))).items;
    },
  });

/** The parameters of a change that is meant for a planned workout as the headers say. */
const meantFor = (id: number, header: IfMatch) => ({ ...at(id), header });

export function select(id: number, body: SelectionChanges, meant: IfMatch): Promise<IfMatch> {
  return madeBy(api.PUT("/v1/selections/{planned_workout_id}", { params: meantFor(id, meant), body }));
}

export function link(id: number, body: { run_id: string } | { workout_id: string }, meant: IfMatch): Promise<IfMatch> {
  return madeBy(api.PUT("/v1/planned-workouts/{planned_workout_id}/done", { params: meantFor(id, meant), body }));
}

export function unlink(id: number, meant: IfMatch): Promise<IfMatch> {
  return madeBy(api.DELETE("/v1/planned-workouts/{planned_workout_id}/done", { params: meantFor(id, meant) }));
}

export function addPlanned(body: Schemas["NewPlannedWorkout"]): Promise<Planned> {
  return answer(api.POST("/v1/planned-workouts", { body }));
}

export function editPlanned(id: number, body: Schemas["PlannedWorkoutChanges"], meant: IfMatch): Promise<IfMatch> {
  return madeBy(api.PATCH("/v1/planned-workouts/{planned_workout_id}", { params: meantFor(id, meant), body }));
}
