/** One of several, as a row of chips; where the row scrolls, the chosen one is in sight. */

import { useEffect, useRef } from "react";

export function Chips<T extends string>({
  name,
  options,
  value,
  onChange,
}: {
  name: string;
  options: readonly (readonly [value: T, name: string])[];
  value: T;
  onChange: (value: T) => void;
}) {
  const row = useRef<HTMLFieldSetElement>(null);
  const chosen = options.findIndex(([option]) => option === value);
  useEffect(() => {
    const chip = row.current?.querySelectorAll("button")[chosen];
    if (row.current && chip)
      row.current.scrollLeft = chip.offsetLeft + chip.offsetWidth / 2 - row.current.clientWidth / 2;
  }, [chosen]);
  return (
    <fieldset className="chips" ref={row}>
      <legend className="hidden-label">{name}</legend>
      {options.map(([option, label]) => (
        <button
          key={option}
          type="button"
          className="chip"
          aria-pressed={option === value}
          onClick={() => onChange(option)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
