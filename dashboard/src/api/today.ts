/** What the first page shows, in one call: each part of the page finds its answer then. */

import { queryOptions } from "@tanstack/react-query";
import { addDays, type Day } from "../format/days";
import { answer, api } from "./client";
import { inbox } from "./inbox";
import { adherence, plannedOf } from "./plan";
import { changesets, mileage, mileageOfDays, queryClient, shoes, timeline, trainingLoad } from "./queries";

export interface Range {
  start: Day;
  end: Day;
  time_zone: string;
}

/** The newest activities that the page shows. */
export const LATEST = { limit: 6 };

/** The first page of a list. */
const firstPage = <T>(page: T) => ({ pages: [page], pageParams: [undefined] });

export const plannedIn = (week: Day) => plannedOf({ start: week, end: addDays(week, 6), selected: true });

export const weekOf = (week: Day, time_zone: string) => adherence({ start: week, end: addDays(week, 6), time_zone });

/** `before` is the first day of the mileage: the means of the first weeks of the range need some more. */
export const today = (range: Range, week: Day, before: Day) =>
  queryOptions({
    queryKey: ["today", range, week, before],
    queryFn: async () => {
      const { start, time_zone } = range;
      const found = await answer(api.GET("/v1/today", { params: { query: { start: before, week, time_zone } } }));
      const load = found.training_load;
      const shown = { ...load, days: load.days.filter(({ date }) => date >= start) };
      queryClient.setQueryData(mileage("day", { ...range, start: before }).queryKey, mileageOfDays(found.mileage));
      queryClient.setQueryData(trainingLoad(range).queryKey, shown);
      queryClient.setQueryData(weekOf(week, time_zone).queryKey, found.adherence.weeks);
      queryClient.setQueryData(plannedIn(week).queryKey, found.planned.items);
      queryClient.setQueryData(timeline(LATEST).queryKey, firstPage(found.timeline));
      queryClient.setQueryData(changesets.queryKey, firstPage(found.changesets));
      queryClient.setQueryData(shoes.queryKey, found.shoes);
      queryClient.setQueryData(inbox.queryKey, found.inbox);
      return true;
    },
  });
