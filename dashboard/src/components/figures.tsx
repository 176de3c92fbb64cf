/** Figures with what they are below them. */

import { number } from "../format/units";

export function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** How many there are of something: "1 run", "2 runs". */
export function Count({ of, one }: { of: number; one: string }) {
  return <Figure name={of === 1 ? one : `${one}s`} value={number(of, 0)} />;
}

/** What stands where figures will be. */
export function FiguresPlace({ names, className = "" }: { names: readonly string[]; className?: string }) {
  return (
    <div role="status" aria-label="Loading">
      <dl className={`figures ${className}`}>
        {names.map((name) => (
          <Figure key={name} name={name} value="–" />
        ))}
      </dl>
    </div>
  );
}
