/** How worn a pair of shoes is. */

import { distance } from "../format/units";
import { usePerson } from "../person";
import "../styles/wear.css";

/** Miles at which a pair is worn, and worn out. */
export const WORN = 300;
export const WORN_OUT = 500;

/** How much of a pair is used up, with marks where it is worn and worn out. */
export function WearBar({ miles, full, retired }: { miles: number; full?: number; retired?: boolean }) {
  const { units } = usePerson();
  const whole = full ?? Math.max(WORN_OUT * 1.1, miles);
  const state = retired ? "retired" : miles >= WORN_OUT ? "worn-out" : miles >= WORN ? "worn" : "good";
  const words = { good: "good", worn: "worn", "worn-out": "worn out", retired: "" }[state];
  return (
    <div className="wear" data-state={state}>
      <svg
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${distance(miles, units, 0)} ${words}`}
      >
        <rect className="wear-track" width="100" height="10" />
        <rect className="wear-fill" width={(100 * miles) / whole} height="10" />
        {[WORN, WORN_OUT].map((limit) => (
          <rect key={limit} className="wear-mark" x={(100 * limit) / whole} width="0.4" height="10" />
        ))}
      </svg>
      <span className="wear-word small">{words}</span>
    </div>
  );
}
