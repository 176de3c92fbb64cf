/** A workout in progress, and the steps by which it grows: what a step changes is the same here and on the server. */

export const SET_TYPES = { normal: "Normal", warmup: "Warm-up", failure: "Failure", dropset: "Drop set" } as const;

export type SetType = keyof typeof SET_TYPES;
export type WeightUnit = "lb" | "kg";

export interface SetValues {
  set_type: SetType;
  weight: number | null;
  weight_unit: WeightUnit;
  reps: number | null;
  forced_reps: number | null;
  rpe: number | null;
  note: string | null;
}

/** A set; its id is chosen here, so that sending it again adds it once. */
export interface LiveSet extends SetValues {
  id: string;
  /** Its place among those of its exercise: it stays where others go. Without one it is the last. */
  set_index?: number;
}

export interface LiveExercise {
  id: string;
  name: string;
  note: string | null;
  sets: LiveSet[];
}

export interface LiveWorkout {
  id: string;
  title: string | null;
  start_ts: string;
  finished_at: string | null;
  exercises: LiveExercise[];
}

export type Step =
  | { kind: "start"; title: string | null; start_ts: string }
  | { kind: "title"; title: string | null }
  | { kind: "new exercise"; exercise: string; name: string; body_part: string | null; modality: string | null }
  | { kind: "exercise"; exercise: string; name: string }
  | { kind: "remove exercise"; exercise: string }
  | { kind: "order"; exercises: string[] }
  | { kind: "note"; exercise: string; note: string | null }
  | { kind: "set"; exercise: string; set: LiveSet }
  | { kind: "change set"; exercise: string; set: LiveSet }
  | { kind: "remove set"; exercise: string; set: string }
  | { kind: "finish"; at: string }
  | { kind: "reopen" };

/** The workout after a step; null before the one that starts it. */
export function applied(id: string, workout: LiveWorkout | null, step: Step): LiveWorkout | null {
  if (step.kind === "start") {
    const { title, start_ts } = step;
    return workout ?? { id, title, start_ts, finished_at: null, exercises: [] };
  }
  return workout && { ...workout, ...changes(workout, step) };
}

function changes(workout: LiveWorkout, step: Exclude<Step, { kind: "start" }>): Partial<LiveWorkout> {
  const { exercises } = workout;
  switch (step.kind) {
    case "title":
      return { title: step.title };
    case "finish":
      return { finished_at: workout.finished_at ?? step.at };
    case "reopen":
      return { finished_at: null };
    case "new exercise":
      return {};
    case "exercise": {
      const there = exercises.some(({ id }) => id === step.exercise);
      const added = { id: step.exercise, name: step.name, note: null, sets: [] };
      return { exercises: there ? exercises : [...exercises, added] };
    }
    case "remove exercise":
      return { exercises: exercises.filter(({ id }) => id !== step.exercise) };
    case "order": {
      const place = ({ id }: LiveExercise) => step.exercises.indexOf(id);
      return { exercises: exercises.toSorted((a, b) => place(a) - place(b)) };
    }
    default:
      return { exercises: exercises.map((one) => (one.id === step.exercise ? { ...one, ...parts(one, step) } : one)) };
  }
}

type SetStep = Extract<Step, { kind: "note" | "set" | "change set" | "remove set" }>;

function parts({ sets }: LiveExercise, step: SetStep): Partial<LiveExercise> {
  switch (step.kind) {
    case "note":
      return { note: step.note };
    case "set":
      return { sets: sets.some(({ id }) => id === step.set.id) ? sets : placed(sets, step.set) };
    case "change set":
      return { sets: sets.map((set) => (set.id === step.set.id ? { ...set, ...step.set } : set)) };
    case "remove set":
      return { sets: sets.filter(({ id }) => id !== step.set) };
  }
}

/** The sets with one more: at its place where that is free, else as the last, as on the server. */
function placed(sets: LiveSet[], set: LiveSet): LiveSet[] {
  const places = sets.map(({ set_index = 0 }) => set_index);
  const isFree = set.set_index !== undefined && !places.includes(set.set_index);
  const set_index = isFree ? set.set_index : Math.max(0, ...places) + 1;
  return [...sets, { ...set, set_index }].toSorted((a, b) => (a.set_index ?? 0) - (b.set_index ?? 0));
}

/** What brings an exercise that was taken out back to its place among those that are there: its sets are new ones. */
export function broughtBack(
  { id: exercise, name, note, sets }: LiveExercise,
  place: number,
  there: string[],
  newId: () => string,
): Step[] {
  const others = there.filter((id) => id !== exercise);
  return [
    { kind: "exercise", exercise, name },
    ...sets.map((set): Step => ({ kind: "set", exercise, set: { ...set, id: newId() } })),
    ...(note ? [{ kind: "note", exercise, note } as const] : []),
    ...(place < others.length ? [{ kind: "order", exercises: others.toSpliced(place, 0, exercise) } as const] : []),
  ];
}

/** The step with another exercise in the place of one: of an exercise that was made offline, once its real id is known. */
export function renamed(step: Step, from: string, to: string): Step {
  const id = (exercise: string) => (exercise === from ? to : exercise);
  if (step.kind === "order") return { ...step, exercises: step.exercises.map(id) };
  return "exercise" in step ? { ...step, exercise: id(step.exercise) } : step;
}

/** The title of a workout that was given none: the time of day. */
export function titleAt(hour: number): string {
  if (hour < 12) return "Morning workout";
  return hour < 18 ? "Afternoon workout" : "Evening workout";
}
