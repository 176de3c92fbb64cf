/** One call for each of many records, one after the other. */

import { ApiError } from "./error";

export interface Progress {
  done: number;
  failed: number;
  of: number;
}

export interface Outcome<T, R> {
  done: { item: T; answer: R }[];
  failed: number;
  /** What went wrong first. */
  problem?: Error;
}

/** Failures after which all others would fail as well: not connected, too many requests, no server. */
const STOPPING = new Set([401, 403, 409, 429, 503]);

function stops(error: unknown): boolean {
  return !(error instanceof ApiError) || STOPPING.has(error.status);
}

export async function forEach<T, R>(
  items: T[],
  call: (item: T) => Promise<R>,
  onProgress: (progress: Progress) => void,
): Promise<Outcome<T, R>> {
  const outcome: Outcome<T, R> = { done: [], failed: 0 };
  for (const item of items) {
    onProgress({ done: outcome.done.length, failed: outcome.failed, of: items.length });
    try {
      outcome.done.push({ item, answer: await call(item) });
    } catch (error) {
      outcome.failed += 1;
      outcome.problem ??= error as Error;
      if (stops(error)) break;
    }
  }
  return outcome;
}
