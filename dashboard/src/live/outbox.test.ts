import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { ApiError } from "../api/error";
import { isFinishedElsewhere, Outbox } from "./outbox";
import * as store from "./store";
import { broughtBack, type LiveSet, type Step } from "./workout";

const START: Step = { kind: "start", title: "Push day", start_ts: "2026-02-16T15:00:00Z" };

function set(id: string, reps = 5): LiveSet {
  return { id, set_type: "normal", weight: 225, weight_unit: "lb", reps, forced_reps: null, rpe: null, note: null };
}

const added = (id: string): Step => ({ kind: "set", exercise: "squat", set: set(id) });
const SQUAT: Step = { kind: "exercise", exercise: "squat", name: "Squat" };

/** A server that notes what reaches it, and fails as long as it is notified to. */
function server() {
  const got: Step[] = [];
  const state = { fails: null as Error | null, id: undefined as string | undefined };
  const send = async ({ step }: store.Queued) => {
    if (state.fails) throw state.fails;
    got.push(step);
    return step.kind === "new exercise" ? state.id : undefined;
  };
  return { got, state, send };
}

beforeEach(() => store.forget());

test("steps made without a network are sent in their order, once each", async () => {
  const { got, state, send } = server();
  const outbox = new Outbox(1, send);
  state.fails = new TypeError("Failed to fetch");
  await outbox.add("w", START, SQUAT, added("a"), added("b"));
  expect(await outbox.flush()).toBe(false);
  expect((await outbox.read()).waiting).toHaveLength(4);

  state.fails = null;
  expect(await Promise.all([outbox.flush(), outbox.flush()])).toEqual([true, true]);
  expect(got).toEqual([START, SQUAT, added("a"), added("b")]);
});

test("the workout looks the same while its steps wait and after they are sent", async () => {
  const { send } = server();
  const outbox = new Outbox(1, send);
  await outbox.add("w", START, SQUAT, added("a"), { kind: "change set", exercise: "squat", set: set("a", 8) });
  const before = await outbox.read();
  await outbox.flush();
  const after = await outbox.read();

  expect(before.workout?.exercises[0]?.sets).toEqual([{ ...set("a", 8), set_index: 1 }]);
  expect(after).toEqual({ workout: before.workout, waiting: [] });
});

test("a set that comes back stands where it was, and as the last where its place is taken", async () => {
  const { send } = server();
  const outbox = new Outbox(1, send);
  await outbox.add("w", START, SQUAT, added("a"), added("b"), added("c"));
  const order = async () => (await outbox.read()).workout?.exercises[0]?.sets.map(({ id }) => id);
  await outbox.add("w", { kind: "remove set", exercise: "squat", set: "b" });
  await outbox.add("w", { kind: "set", exercise: "squat", set: { ...set("again"), set_index: 2 } });
  expect(await order()).toEqual(["a", "again", "c"]);

  await outbox.add("w", { kind: "set", exercise: "squat", set: { ...set("late"), set_index: 2 } });
  expect(await order()).toEqual(["a", "again", "c", "late"]);
  await outbox.flush();
  expect(await order()).toEqual(["a", "again", "c", "late"]);
});

test("an exercise that comes back stands where it was among those that are there", () => {
  const bench = { id: "bench", name: "Bench", note: null, sets: [] };
  const order = (there: string[], place: number) =>
    broughtBack(bench, place, there, () => "new").find(({ kind }) => kind === "order");
  expect(order(["squat", "row"], 1)).toEqual({ kind: "order", exercises: ["squat", "bench", "row"] });
  expect(order(["squat", "bench", "row"], 0)).toEqual({ kind: "order", exercises: ["bench", "squat", "row"] });
  expect(order(["squat"], 1)).toBeUndefined();
});

test("another outbox over the same browser, as after a reload, goes on where the first stopped", async () => {
  const { got, send } = server();
  await new Outbox(1, () => Promise.reject(new TypeError())).add("w", START, SQUAT, added("a"));
  const reloaded = new Outbox(1, send);
  expect((await reloaded.read()).workout?.exercises).toHaveLength(1);
  await reloaded.flush();
  expect(got).toHaveLength(3);
});

test("an exercise made without a network has its real id in what follows once it is known", async () => {
  const { got, state, send } = server();
  const outbox = new Outbox(1, send);
  state.id = "real";
  const make: Step = { kind: "new exercise", exercise: "local", name: "Press", body_part: null, modality: null };
  const use: Step = { kind: "exercise", exercise: "local", name: "Press" };
  await outbox.add("w", START, make, use, { kind: "order", exercises: ["local"] });
  await outbox.flush();
  expect(got.slice(2)).toEqual([
    { ...use, exercise: "real" },
    { kind: "order", exercises: ["real"] },
  ]);
  expect((await outbox.read()).workout?.exercises[0]?.id).toBe("real");
});

test("what the server refuses stays with its reason, and holds back what follows until it is given up", async () => {
  const { got, state, send } = server();
  const outbox = new Outbox(1, send);
  await outbox.add("w", START);
  await outbox.flush();
  state.fails = new ApiError(409, "The workout is finished");
  await outbox.add("w", added("a"), { kind: "reopen" });
  expect(await outbox.flush()).toBe(false);
  state.fails = null;
  expect(await outbox.flush()).toBe(false);
  const [refused] = (await outbox.read()).waiting;
  expect(refused?.refused).toBe("The workout is finished");

  if (refused) await outbox.drop(refused);
  expect(await outbox.flush()).toBe(true);
  expect(got).toEqual([START, { kind: "reopen" }]);
});

test("a workout that was finished elsewhere is reopened for what it refused", async () => {
  const { got, state, send } = server();
  const outbox = new Outbox(1, send);
  await outbox.add("w", START);
  await outbox.flush();
  state.fails = new ApiError(409, "The workout is finished", {}, "workout_finished");
  await outbox.add("w", added("a"), added("b"));
  await outbox.flush();
  const { waiting } = await outbox.read();
  expect(isFinishedElsewhere(waiting)).toBe(true);
  state.fails = null;
  if (waiting[0]) await outbox.reopen(waiting[0]);

  expect(isFinishedElsewhere((await outbox.read()).waiting)).toBe(false);
  expect(await outbox.flush()).toBe(true);
  expect(got).toEqual([START, { kind: "reopen" }, added("a"), added("b")]);
});

test("a failure of the server itself is no refusal", async () => {
  const { state, send } = server();
  const outbox = new Outbox(1, send);
  state.fails = new ApiError(503, "Later");
  await outbox.add("w", START);
  await outbox.flush();
  expect((await outbox.read()).waiting[0]?.refused).toBeUndefined();
});

test("a person sees nothing of another's, and logging out leaves nothing", async () => {
  const { send } = server();
  await new Outbox(1, send).add("w", START);
  await store.keepPerson({ user_id: 1 });
  const other = new Outbox(2, send);
  expect(await other.read()).toEqual({ workout: null, waiting: [] });

  await store.forget();
  expect(await store.waitingCount()).toBe(0);
  expect(await store.keptPerson()).toBeUndefined();
});
