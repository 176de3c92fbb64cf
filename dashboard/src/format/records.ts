/** What records are called, and where they are shown. */

import type { Noun } from "../api/records";
import { counted, number } from "./units";

export const NOUNS: Record<Noun, [one: string, many: string]> = {
  runs: ["Run", "Runs"],
  workouts: ["Workout", "Workouts"],
  "planned-workouts": ["Planned workout", "Planned workouts"],
  exercises: ["Exercise", "Exercises"],
  shoes: ["Shoe", "Shoes"],
};

/** The page of a record; of what has no page of its own, the page that lists it, with its history. */
export function hrefOf(noun: Noun, id: string | number): string {
  const name = encodeURIComponent(id);
  switch (noun) {
    case "runs":
    case "workouts":
      return `/${noun}/${name}`;
    case "planned-workouts":
      return `/plan?planned=${name}`;
    case "exercises":
      return `/strength?history=${name}`;
    case "shoes":
      return `/shoes?history=${name}`;
  }
}

/** The runs that were run in a shoe. */
export function runsIn(shoe: string): string {
  return `/log?kind=run&shoe=${encodeURIComponent(shoe)}`;
}

/** What an import did: "2 records added, 15 changed"; "0 records added" where it did nothing. */
export function importInWords({
  created,
  updated,
  deleted,
}: Record<"created" | "updated" | "deleted", number>): string {
  const counts = [
    [created, "added"],
    [updated, "changed"],
    [deleted, "deleted"],
  ] as const;
  const done = counts.filter(([count], index) => count > 0 || (index === 0 && updated + deleted === 0));
  return done
    .map(([count, what], index) => `${index === 0 ? counted(count, "record") : number(count, 0)} ${what}`)
    .join(", ");
}
