import { number } from "../format/units";

/** Says of a list that it is not all there is. */
export function FirstOf({ shown, all }: { shown: number; all: number }) {
  if (shown >= all) return null;
  return (
    <p className="small quiet">
      The first {number(shown, 0)} of {number(all, 0)}.
    </p>
  );
}
