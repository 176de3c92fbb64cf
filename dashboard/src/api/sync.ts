/** Syncs that are asked for. Those of Strava and Hevy are jobs of the server: they go on when the page is left. */

import type { Provider } from "./account";
import { ApiError, answer, api, type Job, jobOf, type Schemas } from "./client";

const POLL_MS = 500;

/** Follows a job to its end; answers its result, or throws the error that the call itself would have answered. */
export async function follow<T>(started: Job, onProgress: (job: Job) => void): Promise<T> {
  let job = started;
  const path = { job_id: job.job_id };
  while (!job.ended_at) {
    onProgress(job);
    await new Promise((go) => setTimeout(go, POLL_MS));
    job = await jobOf(api.GET("/v1/jobs/{job_id}", { params: { path } }));
  }
  if (job.state === "done") return job.result as T;
  throw new ApiError(job.status ?? 500, (job.result as { detail?: string } | null)?.detail ?? "That did not work");
}

const LATER = { params: { header: { Prefer: "respond-async" } } };

/** Syncs, and says how far it is, and in a few words what came of it. */
export async function syncNow(provider: Provider, onProgress: (words: string) => void): Promise<string> {
  if (provider === "google") {
    const [runs, workouts] = [await answer(api.POST("/v1/sync/runs")), await answer(api.POST("/v1/sync/workouts"))];
    return summaryOf("sent", [runs, workouts]);
  }
  const path = provider === "strava" ? "/v1/strava/sync" : "/v1/hevy/sync";
  const job = await jobOf(api.POST(path, LATER));
  const report = await follow<Schemas["SyncReport"]>(job, ({ state, found }) =>
    onProgress(state === "waiting" ? "waiting for its turn" : `${found} found so far`),
  );
  return summaryOf("added", [report]);
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
