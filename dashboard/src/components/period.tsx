/** The days that a page shows: a period by one click, or any two days; kept in the address. */

import { useEffect, useState } from "react";
import { type Day, dayOf, PERIOD_NAMES, PERIODS, type Period, rangeOf } from "../format/days";
import { usePerson } from "../person";
import { oneOf, useAddress } from "./address";
import { Chips } from "./chips";
import { SelectField } from "./select-field";

const CHOICES = [...Object.entries(PERIODS), ["custom", "Custom"]] as [Period | "custom", string][];

export interface Days {
  start?: Day;
  end?: Day;
}

/** The days that the address names: two of them in either order, or a period; a page's own where it names none. */
export function usePeriod(usual: Period) {
  const [address, change] = useAddress();
  const { today } = usePerson();
  const named: Days = { start: dayOf(address.start), end: dayOf(address.end) };
  const custom = Boolean(named.start || named.end);
  const period = oneOf(address.period, PERIOD_NAMES, usual);
  const range: Days = custom ? inOrder(named) : rangeOf(period, today);
  function choose(next: Period | "custom") {
    if (next === "custom") change({ start: range.start ?? rangeOf("365", today).start, end: range.end ?? today });
    else change({ period: next === usual ? undefined : next, start: undefined, end: undefined });
  }
  return {
    value: custom ? ("custom" as const) : period,
    range,
    named,
    choose,
    onRange: (to: Days) => change({ ...to }),
  };
}

function inOrder({ start, end }: Days): Days {
  return start && end && start > end ? { start: end, end: start } : { start, end };
}

interface PickerProps extends ReturnType<typeof usePeriod> {
  /** Whether the periods share a line with other filters. */
  compact?: boolean;
}

export function PeriodPicker({ compact, value, named: { start, end }, choose, onRange }: PickerProps) {
  return (
    <>
      {compact ? (
        <SelectField
          label="Period"
          hideLabel
          options={CHOICES}
          value={value}
          onChange={(next) => choose(next as Period)}
        />
      ) : (
        <Chips name="Period" options={CHOICES} value={value} onChange={choose} />
      )}
      {value === "custom" && (
        <div className="day-range">
          <DayField label="From" value={start} onChange={(day) => onRange({ start: day, end })} />
          <DayField label="To" value={end} onChange={(day) => onRange({ start, end: day })} />
        </div>
      )}
    </>
  );
}

/** A day is chosen once it is typed as a whole: the field has others meanwhile, such as of the year 2. */
function DayField({ label, value, onChange }: { label: string; value?: Day; onChange: (day?: Day) => void }) {
  const [typed, type] = useState(value);
  useEffect(() => type(value), [value]);
  return (
    <label className="day-field small">
      {label}
      <input
        type="date"
        className="input"
        value={typed ?? ""}
        onChange={({ target: { value: text } }) => {
          type(text);
          if (!text || dayOf(text)) onChange(text || undefined);
        }}
      />
    </label>
  );
}
