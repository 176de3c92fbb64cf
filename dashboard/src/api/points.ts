/** What was measured along a record, and the files that it came in. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { pathOf } from "./records";

/** The nouns with points. */
export type Measured = "runs" | "workouts";
export type Part = Schemas["Part"];
export type Original = Schemas["Original"];
export type Analysis = Schemas["Analysis"];

const MOST = 600;

const at = (id: string) => ({ path: { run_id: id } });

/** The points of a record; those of other points are asked for anew. */
export const points = (noun: Measured, id: string, points_id: string) =>
  queryOptions({
    queryKey: ["points", noun, id, points_id],
    queryFn: () => answer(api.GET(pathOf(noun, "/points"), { params: { ...at(id), query: { most: MOST } } })),
  });

/** What follows from the points, or from the files where there are none, with splits of a unit. */
export const analysis = (noun: Measured, id: string, points_id: string | null, unit: "km" | "mi") =>
  queryOptions({
    queryKey: ["analysis", noun, id, points_id, unit],
    queryFn: () => answer(api.GET(pathOf(noun, "/analysis"), { params: { ...at(id), query: { unit } } })),
  });

export const originals = (noun: Measured, id: string) =>
  queryOptions({
    queryKey: ["originals", noun, id],
    queryFn: async () => (await answer(api.GET(pathOf(noun, "/originals"), { params: at(id) }))).items,
  });

export function originalOf(noun: Measured, id: string, sha256: string): Promise<Blob> {
  const params = { path: { run_id: id, sha256 } };
  return answer(
    api.GET(pathOf(noun, "/originals/{sha256}"), { params, parseAs: "blob" }),
  ) as Promise<unknown> as Promise<Blob>;
}

export function readAgain(noun: Measured, id: string): Promise<Schemas["ImportReport"]> {
  return answer(api.POST(pathOf(noun, "/reread"), { params: at(id) }));
}

export function removePoints(noun: Measured, id: string): Promise<unknown> {
  return answer(api.DELETE(pathOf(noun, "/points"), { params: at(id) }));
}

export function removeOriginal(noun: Measured, id: string, sha256: string): Promise<unknown> {
  return answer(api.DELETE(pathOf(noun, "/originals/{sha256}"), { params: { path: { run_id: id, sha256 } } }));
}
