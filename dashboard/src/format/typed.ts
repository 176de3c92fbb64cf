/**
 * Figures as people type them: the number, or a sentence on what is wrong with it.
 *
 * Decimals stand behind a point or a comma. Where the digits behind it may as well be thousands, nothing is guessed.
 */

import { counted, METRES_PER_MILE } from "./units";

export type Typed = number | string;

export interface Kind {
  /** How one is written. */
  example: string;
  /** The most decimals that the figure has; any number of them without it. */
  decimals?: number;
  /** Whether it can be below 0. */
  signed?: boolean;
}

const PLAIN = /^\d+(?:[.,]\d+)?$/;
const GROUPED = /^[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+(?:,\d+)?)$/;

/**
 * The number of "1588", "6.2", "6,2" or "1,588.5".
 *
 * "1,588" may be two numbers, and so may "1.588" where nobody needs three decimals.
 */
export function readNumber(text: string, { example, decimals = 20, signed = false }: Kind): Typed {
  const [, sign = "", digits = ""] = /^([-−]?)(.*)$/.exec(text.trim()) ?? [];
  const [plain, grouped] = [PLAIN.test(digits), GROUPED.test(digits)];
  if ((!plain && !grouped) || (sign && !signed)) return `A number such as ${example}`;
  const thousands = plain ? "" : digits.replaceAll(/\d/g, "").charAt(0);
  const [whole = "", fraction = ""] = digits.replaceAll(thousands, "").split(/[.,]/);
  if (plain && grouped && (digits.includes(",") || decimals < fraction.length)) {
    const decimal = Number(`${whole}.${fraction}`).toFixed(Math.min(decimals, fraction.length));
    return `Write ${whole}${fraction}${decimals > 0 ? ` or ${decimal}` : " without a separator"}`;
  }
  if (fraction.length > decimals) return decimals > 0 ? `At most ${counted(decimals, "decimal")}` : "A whole number";
  const value = Number(`${sign && "-"}${whole}.${fraction}`);
  return Number.isFinite(value) ? value : `A number such as ${example}`;
}

const DURATION = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,4}(?:[.,]\d+)*)$/;
const NO_DURATION = "Minutes, or as 53:10 or 1:02:10";

/** Seconds of "53", "53:00" or "1:02:05", where a single number is minutes. */
export function readDuration(text: string): Typed {
  const [, first, second, last] = DURATION.exec(text.trim()) ?? [];
  if (last === undefined) return NO_DURATION;
  const tail = readNumber(last, { example: "53" });
  if (typeof tail === "string" || second === undefined) return converted(tail, (minutes) => minutes * 60);
  if (tail >= 60 || (first !== undefined && Number(second) >= 60)) return NO_DURATION;
  return Number(first ?? 0) * 3600 + Number(second) * 60 + tail;
}

/** Metres in a second that nobody keeps up, on foot or on a bicycle. */
const FASTEST = 20;

/** Seconds for a distance. "3:30" is refused where nobody is so fast: it may be hours and minutes. */
export function readDurationOf(miles: number | null, text: string): Typed {
  const seconds = readDuration(text);
  const [, first, second] = /^(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  if (!seconds || typeof seconds === "string" || !first || Number(first) >= 60) return seconds;
  if ((miles ?? 0) * METRES_PER_MILE <= FASTEST * seconds) return seconds;
  return `Write ${first}:${second}:00 or 0:${first.padStart(2, "0")}:${second}`;
}

/** What was typed in another unit, where it could be read. */
export function converted(typed: Typed, to: (value: number) => number): Typed {
  return typeof typed === "number" ? to(typed) : typed;
}
