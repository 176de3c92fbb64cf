/** Calls of the API, with the types of its own description. */

import createClient, { type Middleware } from "openapi-fetch";
import { ApiError } from "./error";
import type { components, paths } from "./schema";
import { accessToken, refuse } from "./session";

export type Schemas = components["schemas"];

export { ApiError };

const authorize: Middleware = {
  async onRequest({ request }) {
    const value = await accessToken();
    if (value) request.headers.set("Authorization", `Bearer ${value}`);
    retries.set(request, request.clone());
    return request;
  },
  async onResponse({ request, response }) {
    const again = retries.get(request);
    const sent = request.headers.get("Authorization")?.replace("Bearer ", "");
    if (response.status !== 401 || !sent || !again) return response;
    refuse(sent);
    const value = await accessToken();
    if (!value) return response;
    again.headers.set("Authorization", `Bearer ${value}`);
    return fetch(again);
  },
};

const retries = new WeakMap<Request, Request>();

export const api = createClient<paths>({ baseUrl: location.origin });
api.use(authorize);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** A call answers a job only if it asks for one (`Prefer: respond-async`); the dashboard does not. */
type Job = Schemas["JobWithResult"];

/** The body of a call's answer; throws ApiError of one that is no success. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<Exclude<T, Job>> {
  const { data, error, response } = await call;
  if (response.ok) return data as Exclude<T, Job>;
  const body = (error ?? {}) as { detail?: string; errors?: Record<string, string[]> };
  throw new ApiError(response.status, body.detail ?? `The server answered ${response.status}`, body.errors);
}

/** Headers of a change that is meant for one version of a record. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}
