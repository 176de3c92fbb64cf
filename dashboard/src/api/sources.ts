/** Where a record comes from, and what is taken out of it. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import type { Measured } from "./points";
import { pathOf } from "./records";

export type Source = Schemas["RecordSource"];
export type Apart = Schemas["Apart"];

export const sources = (noun: Measured, id: string, version: number) =>
  queryOptions({
    queryKey: ["sources", noun, id, version],
    queryFn: () => answer(api.GET(pathOf(noun, "/sources"), { params: { path: { run_id: id } } })),
  });

/** Makes a record of its own of sources; reverting its changeset takes that back. */
export function separate(noun: Measured, id: string, keys: string[]): Promise<Schemas["Separated"]> {
  return answer(api.POST(pathOf(noun, "/separate"), { params: { path: { run_id: id } }, body: { keys } }));
}
