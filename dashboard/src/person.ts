/** The person who is logged in, and how they read distances, days and weeks. */

import { useQuery } from "@tanstack/react-query";
import { me, type User } from "./api/queries";
import { type Day, type FirstDay, localDay, WEEK_STARTS } from "./format/days";
import type { Units } from "./format/units";

export interface Person {
  user: User | undefined;
  units: Units;
  zone: string;
  firstDay: FirstDay;
  today: Day;
}

/** How a change names its author: you, or somebody else, such as the operator. */
export function nameOf(actor: string | null | undefined, user: User | undefined): string | undefined {
  const own = user && [user.username, user.email].includes(actor ?? "");
  return own ? "you" : (actor ?? undefined);
}

export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function usePerson(): Person {
  const { data: user } = useQuery(me);
  // The API takes UTC where the profile names no zone, so days agree.
  const zone = user?.time_zone ?? "UTC";
  return {
    user,
    units: user?.units ?? "miles",
    zone,
    firstDay: WEEK_STARTS[user?.week_start ?? "monday"],
    today: localDay(new Date(), zone),
  };
}
