/** What figures of training load mean, in a word, and explained. */

export const EXPLAINED = {
  fitness: "Fitness (CTL): the average load of about six weeks. It rises slowly with steady training.",
  fatigue: "Fatigue (ATL): the average load of about a week. It rises quickly after hard days.",
  form: "Form (TSB): yesterday’s fitness minus yesterday’s fatigue. Below −30 is a lot; above 5 you are fresh.",
  load: "The load of a day comes from the heart rates of its runs (hrTSS): an hour at your threshold is 100.",
} as const;

export const TRIMP =
  "TRIMP: the minutes of a run, weighted by how high its heart rate was between your resting and your maximum one. " +
  "An easy hour is about 60, a hard one about 150.";

const FORM: [from: number, word: string][] = [
  [15, "rested"],
  [5, "fresh"],
  [-5, "balanced"],
  [-30, "productive"],
  [Number.NEGATIVE_INFINITY, "overreaching"],
];

export function formWord(form: number): string {
  return FORM.find(([from]) => form >= from)?.[1] ?? "";
}

/** "−6", with a real minus, or "+6". */
export function signed(value: number): string {
  const whole = Math.round(value);
  return whole < 0 ? `−${-whole}` : whole > 0 ? `+${whole}` : "0";
}
