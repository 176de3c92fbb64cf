/** Which of the imports reads a file, by the heading of its first line. */

export type Source = "mmf" | "strava" | "hevy" | "plan";

export const SOURCES: Record<Source, string> = {
  mmf: "MapMyFitness workout history",
  strava: "Strava activities",
  hevy: "Hevy workouts",
  plan: "TrainingPeaks plan",
};

const SIGNS: [Source, RegExp][] = [
  ["mmf", /date submitted|workout date/i],
  ["strava", /activity id|activity date/i],
  ["hevy", /exercise_title|"?start_time"?.*"?exercise/i],
  ["plan", /workoutday|plannedduration|workouttype/i],
];

/** The source of a file that begins with this text; null when none of them writes such files. */
export function recognise(text: string): Source | null {
  const heading = text.split(/\r?\n/, 1)[0] ?? "";
  return SIGNS.find(([, sign]) => sign.test(heading))?.[0] ?? null;
}
