/** What records are called, and where they are shown. */

import type { Noun } from "../api/records";

export const NOUNS: Record<Noun, [one: string, many: string]> = {
  runs: ["Run", "Runs"],
  workouts: ["Workout", "Workouts"],
  "planned-workouts": ["Planned workout", "Planned workouts"],
  exercises: ["Exercise", "Exercises"],
  shoes: ["Shoe", "Shoes"],
};

/** The page of a record; of what has no page of its own, the page that lists it. */
export function hrefOf(noun: Noun, id: string | number): string {
  const name = encodeURIComponent(id);
  switch (noun) {
    case "runs":
    case "workouts":
      return `/${noun}/${name}`;
    case "planned-workouts":
      return "/plan";
    case "exercises":
      return `/strength?exercise=${name}`;
    case "shoes":
      return `/log?kind=run&shoe=${name}`;
  }
}
