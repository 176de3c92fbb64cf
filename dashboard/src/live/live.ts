/** The live workout of the person who is logged in, shared by all parts of the page and all tabs of the browser. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { answer, api, type Schemas } from "../api/client";
import { me, queryClient, type User } from "../api/queries";
import { newUuid } from "../api/uuid";
import { type Live, Outbox } from "./outbox";
import { send } from "./send";
import * as store from "./store";
import type { LiveWorkout, Step } from "./workout";

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;

let outbox: Outbox | undefined;
let live: Live | undefined;
let retryAfter = FIRST_RETRY_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const channel = new BroadcastChannel(store.CHANNEL);

channel.onmessage = ({ data }: MessageEvent<string | null>) => {
  if (data === store.FORGOTTEN) outbox = undefined;
  void show();
};

async function show(): Promise<void> {
  live = await outbox?.read();
  for (const listener of listeners) listener();
}

function changed(): void {
  channel.postMessage(null);
  void show();
}

/** One tab sends at a time. Browsers have locks on HTTPS and on localhost alone; elsewhere the client_uuid has to do. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request("fitness-live", work) as Promise<T>) : work();
}

/** Sends what waits, and tries again later where that fails. */
export async function flush(): Promise<boolean> {
  clearTimeout(timer);
  const sent = (await outbox?.flush(inTurn)) ?? true;
  retryAfter = sent ? FIRST_RETRY_MS : Math.min(retryAfter * 2, LAST_RETRY_MS);
  const again = !sent && !live?.waiting[0]?.refused;
  if (again) timer = setTimeout(() => void flush(), retryAfter);
  return sent;
}

addEventListener("online", () => void flush());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void catchUp());

async function begin(user: number): Promise<void> {
  if (outbox?.user === user) return;
  outbox = new Outbox(user, send, changed);
  await show();
  await catchUp();
}

/** Sends what waits, and takes what was done elsewhere. */
async function catchUp(): Promise<void> {
  if (await flush()) await refresh();
}

/** Takes the workout as the server has it, unless something of it waits here. */
async function refresh(): Promise<void> {
  const shown = live?.workout;
  if (!outbox || live?.waiting.length) return;
  try {
    const query = { workout_type: "STRENGTH", finished: false, limit: 1 } as const;
    const { items } = await answer(api.GET("/v1/workouts", { params: { query } }));
    const current = items[0] ? liveOf(items[0]) : shown ? await finishedOf(shown) : null;
    if (!live?.waiting.length) await outbox.open(current);
  } catch {
    // Without a network the workout stays as it is known here; the page says that it is offline.
  }
}

/** A workout that is no longer in progress: as it was finished here or elsewhere, or null if it was deleted. */
async function finishedOf(workout: LiveWorkout): Promise<LiveWorkout | null> {
  if (workout.finished_at) return workout;
  const params = { path: { workout_id: workout.id }, query: { include_deleted: true } };
  const now = await answer(api.GET("/v1/workouts/{workout_id}", { params }));
  return now.deleted_at ? null : liveOf(now);
}

/** The ids of the exercises that the current workout has now. */
export function exercisesNow(): string[] {
  return live?.workout?.exercises.map(({ id }) => id) ?? [];
}

/** Makes these changes here at once, and on the server as soon as it can be reached. */
export async function act(workout: string, ...steps: Step[]): Promise<void> {
  await outbox?.add(workout, ...steps);
  void flush();
}

export async function startWorkout(title: string, exercises: { id: string; name: string }[] = []): Promise<void> {
  const added = exercises.map(({ id, name }): Step => ({ kind: "exercise", exercise: id, name }));
  await act(newUuid(), { kind: "start", title, start_ts: new Date().toISOString() }, ...added);
}

/** Makes a workout the current one, as to go on with it. */
export async function openWorkout(workout: Schemas["Workout"]): Promise<void> {
  const { user_id } = await queryClient.fetchQuery(me);
  await begin(user_id);
  await outbox?.open(liveOf(workout));
}

/** Puts a finished workout away. */
export async function close(): Promise<void> {
  if (await flush()) await outbox?.open(null);
}

export async function retry(queued: store.Queued): Promise<void> {
  await outbox?.retry(queued);
  void flush();
}

/** Opens a workout that was finished elsewhere, and saves what was logged here since. */
export async function reopen(queued: store.Queued): Promise<void> {
  await outbox?.reopen(queued);
  void flush();
}

/** Gives up all that waits of a workout that was finished elsewhere: it is shown as it was finished. */
export async function giveUp({ workout }: store.Queued): Promise<void> {
  await outbox?.drop(...(live?.waiting ?? []).filter((queued) => queued.workout === workout));
  await catchUp();
}

export async function drop(queued: store.Queued): Promise<void> {
  await outbox?.drop(queued);
  void flush();
}

export function liveOf({ id, title, start_ts, finished_at, exercise_executions }: Schemas["Workout"]): LiveWorkout {
  const exercises = exercise_executions.map(({ exercise_id, exercise_name, note, sets }) => ({
    id: exercise_id,
    name: exercise_name,
    note,
    sets: sets.map(({ id, set_index, set_type, weight, weight_unit, reps, forced_reps, rpe, note }) => ({
      id,
      set_index,
      set_type,
      weight,
      weight_unit,
      reps,
      forced_reps,
      rpe,
      note,
    })),
  }));
  return { id, title, start_ts, finished_at, exercises };
}

/** The person, without a network the one who was last logged in here. */
export function useLiveUser(): User | undefined {
  const asked = useQuery(me);
  const kept = useQuery({
    queryKey: ["me", "kept"],
    queryFn: async () => (await store.keptPerson<User>()) ?? null,
  });
  useEffect(() => {
    if (asked.data) void store.keepPerson(asked.data);
  }, [asked.data]);
  return asked.data ?? kept.data ?? undefined;
}

/** The live workout and what of it waits; undefined until it is read. */
export function useLive(user: number | undefined): Live | undefined {
  useEffect(() => {
    if (user !== undefined) void begin(user);
  }, [user]);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );
}
