/** Calls of the API, with the types of its own description. */

import createClient, { type Middleware } from "openapi-fetch";
import { counted, hours } from "../format/units";
import { confirmation } from "./confirmation";
import { ApiError, asksForCode, faultOf, Unreached } from "./error";
import type { components, paths } from "./schema";
import { accessToken, refuse } from "./session";

export type Schemas = components["schemas"];

export { ApiError, asksForCode, faultOf, Unreached };

const authorize: Middleware = {
  async onRequest({ request }) {
    const value = await accessToken();
    if (value) request.headers.set("Authorization", `Bearer ${value}`);
    // Errors of this form have a code.
    request.headers.set("Accept", `${PROBLEM}, */*;q=0.9`);
    retries.set(request, request.clone());
    return request;
  },
  async onResponse({ request, response }) {
    const again = retries.get(request);
    const sent = request.headers.get("Authorization")?.replace("Bearer ", "");
    if (!sent || !again) return response;
    if (response.status === 401) refuse(sent);
    else if (!(await needsConfirmation(response)) || !(await confirmation())) return response;
    const value = await accessToken();
    if (!value) return response;
    again.headers.set("Authorization", `Bearer ${value}`);
    return fetch(again);
  },
};

const PROBLEM = "application/problem+json";

async function needsConfirmation(response: Response): Promise<boolean> {
  if (response.status !== 403 || response.headers.get("Content-Type") !== PROBLEM) return false;
  return ((await response.clone().json()) as { code?: string }).code === "confirmation_needed";
}

const retries = new WeakMap<Request, Request>();

export const api = createClient<paths>({ baseUrl: location.origin });
api.use(authorize);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What does a call later that asks for it (`Prefer: respond-async`). */
export type Job = Schemas["JobWithResult"];

async function bodyOf<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    // As the browser says it ("Failed to fetch"), it is no sentence for a person.
    throw failure instanceof TypeError ? new Unreached() : failure;
  });
  if (response.ok) return data as T;
  const body = (error ?? {}) as { detail?: string; errors?: Record<string, string[]>; code?: string };
  throw new ApiError(response.status, sentenceOf(body.detail, response), body.errors, body.code);
}

/** The statuses of answers that may be others a while later. */
const PASSING = [429, 500, 503];

/** What the server says, and when it is worth another try; a proxy before it says nothing. */
function sentenceOf(detail: string | undefined, { status, headers }: Response): string {
  if (detail && (!PASSING.includes(status) || /try again/i.test(detail))) return detail;
  if (!detail && status < 500 && status !== 429) return `The server answered ${status}`;
  const words = detail ?? "The server cannot answer now";
  const seconds = Number(headers.get("Retry-After"));
  if (!(seconds > 1)) return `${words}. Try again in a moment.`;
  return `${words}. Try again in ${seconds < 60 ? counted(seconds, "second") : hours(seconds)}.`;
}

/** The body of the answer to a call that is done at once; throws ApiError of one that is no success. */
export const answer = bodyOf as <T>(call: Promise<Answer<T>>) => Promise<Exclude<T, Job>>;

/** The job that does a call later, or that is asked for; throws ApiError likewise. */
export const jobOf = bodyOf as (call: Promise<Answer<unknown>>) => Promise<Job>;

/** Headers of a change that is meant for a record as it is at one version. */
export type IfMatch = { "If-Match": string };

/** The edits of a workout in progress that are part of its newest version count, too. */
export function ifMatch(version: number, live_edits = 0): IfMatch {
  return { "If-Match": live_edits > 0 ? `"${version}.${live_edits}"` : `"${version}"` };
}

/** The version that such headers are meant for. */
export function versionIn(header: IfMatch): number {
  return Number.parseInt(header["If-Match"].slice(1), 10);
}

/** Makes a change; answers the headers of one that is meant for the record as this one left it. Throws ApiError. */
export async function madeBy(call: Promise<Answer<unknown>>): Promise<IfMatch> {
  await bodyOf(call);
  const { response } = await call;
  return { "If-Match": response.headers.get("ETag") ?? '""' };
}
