/**
 * What this browser keeps of a live workout, so that it goes on without a network and after a reload: the steps that
 * wait to be sent, the workout as the server last had it, and the answers that Live needs. All of it names its user;
 * logging out deletes it.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { applied, type LiveWorkout, renamed, type Step } from "./workout";

export interface Queued {
  /** The place in the queue. */
  seq: number;
  user: number;
  workout: string;
  step: Step;
  /** Why the server refused it; the queue waits until somebody decides. */
  refused?: string;
  /** The code of that answer. */
  code?: string;
}

interface Base {
  user: number;
  workout: LiveWorkout;
}

interface Schema extends DBSchema {
  steps: { key: number; value: Omit<Queued, "seq"> & { seq?: number }; indexes: { user: number } };
  workouts: { key: number; value: Base };
  answers: { key: [user: number, name: string]; value: unknown };
  person: { key: string; value: unknown };
}

type Database = IDBPDatabase<Schema>;

let opened: Promise<Database> | undefined;

function database(): Promise<Database> {
  opened ??= openDB<Schema>("fitness-live", 1, {
    upgrade(db) {
      db.createObjectStore("steps", { keyPath: "seq", autoIncrement: true }).createIndex("user", "user");
      db.createObjectStore("workouts", { keyPath: "user" });
      db.createObjectStore("answers");
      db.createObjectStore("person");
    },
  });
  return opened;
}

/** The steps of a user in their order. */
export async function queued(user: number): Promise<Queued[]> {
  return (await (await database()).getAllFromIndex("steps", "user", user)) as Queued[];
}

export async function add(user: number, workout: string, step: Step): Promise<void> {
  await (await database()).add("steps", { user, workout, step });
}

/** The user's current workout as the server last had it. */
export async function base(user: number): Promise<LiveWorkout | null> {
  return (await (await database()).get("workouts", user))?.workout ?? null;
}

export async function setBase(user: number, workout: LiveWorkout | null): Promise<void> {
  const db = await database();
  await (workout ? db.put("workouts", { user, workout }) : db.delete("workouts", user));
}

/** Takes a step that the server has from the queue; `exercise` is the id that its exercise has there. */
export async function done({ seq, user, workout, step }: Queued, exercise?: string): Promise<void> {
  const transaction = (await database()).transaction(["steps", "workouts"], "readwrite");
  const [steps, workouts] = [transaction.objectStore("steps"), transaction.objectStore("workouts")];
  const made = "exercise" in step && exercise ? { from: step.exercise, to: exercise } : undefined;
  const rename = (one: Step) => (made ? renamed(one, made.from, made.to) : one);
  await steps.delete(seq);
  if (made && made.from !== made.to) {
    for (const waiting of await steps.index("user").getAll(user)) {
      await steps.put({ ...waiting, step: rename(waiting.step) });
    }
  }
  const before = (await workouts.get(user))?.workout ?? null;
  if (step.kind === "start" || before?.id === workout) {
    const after = applied(workout, before?.id === workout ? before : null, rename(step));
    if (after) await workouts.put({ user, workout: after });
  }
  await transaction.done;
}

export async function refuse(queued: Queued, refused: string, code?: string): Promise<void> {
  await (await database()).put("steps", { ...queued, refused, code });
}

export async function retry({ refused: _, code: __, ...queued }: Queued): Promise<void> {
  await (await database()).put("steps", queued);
}

export async function drop({ seq }: Queued): Promise<void> {
  await (await database()).delete("steps", seq);
}

/** Keeps an answer of the API for when there is no network. */
export async function keepAnswer(user: number, name: string, answer: unknown): Promise<void> {
  await (await database()).put("answers", answer, [user, name]);
}

export async function keptAnswer<T>(user: number, name: string): Promise<T | undefined> {
  return (await (await database()).get("answers", [user, name])) as T | undefined;
}

const ME = "me";

/** Who is logged in, for when there is no network to ask. */
export async function keepPerson(person: unknown): Promise<void> {
  await (await database()).put("person", person, ME);
}

export async function keptPerson<T>(): Promise<T | undefined> {
  return (await (await database()).get("person", ME)) as T | undefined;
}

export async function waitingCount(): Promise<number> {
  return (await database()).count("steps");
}

/** On which tabs tell each other that something changed, and that all was forgotten. */
export const CHANNEL = "fitness-live";
export const FORGOTTEN = "forgotten";

/** Deletes all of it, as when somebody logs out. */
export async function forget(): Promise<void> {
  const names = ["steps", "workouts", "answers", "person"] as const;
  const transaction = (await database()).transaction(names, "readwrite");
  await Promise.all([...names.map((name) => transaction.objectStore(name).clear()), transaction.done]);
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(FORGOTTEN);
  channel.close();
}
