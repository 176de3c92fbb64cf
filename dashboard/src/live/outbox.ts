/** Sends the steps of live workouts in their order, each until the server has it or refuses it. */

import { ApiError } from "../api/error";
import * as store from "./store";
import { applied, type LiveWorkout, renamed, type Step } from "./workout";

/** Sends one step; returns the id that its exercise has on the server, where that may be another one. */
export type Send = (queued: store.Queued) => Promise<string | undefined>;

export interface Live {
  /** The workout with all steps, those that wait too. */
  workout: LiveWorkout | null;
  waiting: store.Queued[];
}

/** Whether what waits first was refused because its workout was finished elsewhere. */
export function isFinishedElsewhere([first]: store.Queued[]): boolean {
  return first?.code === "workout_finished";
}

const LATER = [401, 408, 425, 429];

/** Whether the server will never take it as it is; else it is sent again later. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500 && !LATER.includes(error.status);
}

function reasonOf({ message, fields }: ApiError): string {
  const faults = Object.entries(fields).map(([field, [why]]) => `${field}: ${why}`);
  return [message, ...faults].join(". ").replace(/\.$/, "");
}

export class Outbox {
  private turn: Promise<unknown> = Promise.resolve();
  /** The ids on the server of exercises that were made here. */
  private readonly real = new Map<string, string>();

  constructor(
    readonly user: number,
    private readonly send: Send,
    private readonly changed: () => void = () => {},
  ) {}

  async read(): Promise<Live> {
    const [base, waiting] = await Promise.all([store.base(this.user), store.queued(this.user)]);
    const id = waiting.findLast(({ step }) => step.kind === "start")?.workout ?? base?.id;
    if (!id) return { workout: null, waiting };
    const steps = waiting.filter((queued) => queued.workout === id);
    const workout = steps.reduce((now, { step }) => applied(id, now, step), base?.id === id ? base : null);
    return { workout, waiting };
  }

  async add(workout: string, ...steps: Step[]): Promise<void> {
    for (const step of steps) {
      const named = [...this.real].reduce((one, [from, to]) => renamed(one, from, to), step);
      await store.add(this.user, workout, named);
    }
    this.changed();
  }

  /** Sends what waits; resolves to whether nothing waits any more. */
  flush(inTurn: <T>(work: () => Promise<T>) => Promise<T> = (work) => work()): Promise<boolean> {
    const mine = this.turn.then(() => inTurn(() => this.sendAll()));
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async sendAll(): Promise<boolean> {
    for (;;) {
      const [next] = await store.queued(this.user);
      if (!next) return true;
      if (next.refused) return false;
      const sent = await this.sendOne(next);
      this.changed();
      if (!sent) return false;
    }
  }

  private async sendOne(next: store.Queued): Promise<boolean> {
    let exercise: string | undefined;
    try {
      exercise = await this.send(next);
    } catch (error) {
      if (isRefusal(error)) await store.refuse(next, reasonOf(error), error.code);
      return false;
    }
    if (exercise && "exercise" in next.step) this.real.set(next.step.exercise, exercise);
    await store.done(next, exercise);
    return true;
  }

  /** Sends a refused step again. */
  async retry(queued: store.Queued): Promise<void> {
    await store.retry(queued);
    this.changed();
  }

  /** Opens a workout that was finished elsewhere, and sends again what was refused for that. */
  async reopen(queued: store.Queued): Promise<void> {
    await this.send({ ...queued, step: { kind: "reopen" } });
    await this.retry(queued);
  }

  /** Gives up steps that wait. */
  async drop(...queued: store.Queued[]): Promise<void> {
    for (const one of queued) await store.drop(one);
    this.changed();
  }

  /** Makes a workout of the server the current one. */
  async open(workout: LiveWorkout | null): Promise<void> {
    await store.setBase(this.user, workout);
    this.changed();
  }
}
