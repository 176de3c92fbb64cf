/** Weights and what sets suggest. */

import { number, type Units } from "./units";

/** How weights and repetitions are typed; a weight below 0 is that of an assistance. */
export const WEIGHT = { example: "82.5", decimals: 2, signed: true };
export const REPS = { example: "8", decimals: 0 };

export type WeightUnit = "lb" | "kg";

const KG_PER_LB = 0.45359237;

/** Who reads kilometres lifts kilograms. */
export function weightUnit(units: Units): WeightUnit {
  return units === "miles" ? "lb" : "kg";
}

export function converted(weight: number, from: WeightUnit, to: WeightUnit): number {
  if (from === to) return weight;
  return to === "kg" ? weight * KG_PER_LB : weight / KG_PER_LB;
}

/**
 * The weight that could be lifted once, after Epley (1985): weight × (1 + reps / 30), of a single repetition the weight
 * itself; null without a repetition of a weight. As the API estimates it.
 */
export function oneRepMax(weight: number | null, reps: number | null): number | null {
  if (weight === null || weight <= 0 || reps === null || reps < 1) return null;
  return reps === 1 ? weight : weight * (1 + reps / 30);
}

/** "82.5 kg", "225 lb"; one decimal where there is one. */
export function weight(value: number, unit: WeightUnit): string {
  return `${plain(value)} ${unit}`;
}

export function plain(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return number(rounded, Number.isInteger(rounded) ? 0 : Number.isInteger(rounded * 10) ? 1 : 2).replace("-", "−");
}

interface Lifted {
  weight: number | null;
  weight_unit: string;
  reps: number | null;
  duration_seconds?: number | null;
}

/** "225 lb × 5", "12 reps", "45 s" */
export function setText({ weight: lifted, weight_unit, reps, duration_seconds }: Lifted): string {
  if (lifted !== null) return `${weight(lifted, weight_unit as WeightUnit)} × ${reps ?? "–"}`;
  if (reps === null && duration_seconds) return `${Math.round(duration_seconds)} s`;
  return `${reps ?? 0} ${reps === 1 ? "rep" : "reps"}`;
}

/** What a session of the rep counter is called: "Push-ups". */
export function repsTitle(exercise_type: string | null | undefined): string {
  const name = exercise_type?.trim() || "rep";
  const many = /s$/i.test(name) ? name : /(x|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
  return many.replace(/^./u, (first) => first.toUpperCase());
}
