/** The days that a page shows: a period by one click, or any two days; kept in the address. */

import { type Day, PERIODS, type Period, rangeOf } from "../format/days";
import { usePerson } from "../person";
import { useAddress } from "./address";
import { Chips } from "./chips";

const CHOICES = [...Object.entries(PERIODS), ["custom", "Custom"]] as [Period | "custom", string][];

export interface Days {
  start?: Day;
  end?: Day;
}

/** The days that the address names: two of them, or a period; a page's own period where it names none. */
export function usePeriod(usual: Period) {
  const [address, change] = useAddress();
  const { today } = usePerson();
  const custom = Boolean(address.start || address.end);
  const period = (address.period as Period) ?? usual;
  const range: Days = custom ? { start: address.start, end: address.end } : rangeOf(period, today);
  function choose(next: Period | "custom") {
    if (next === "custom") change({ start: range.start ?? rangeOf("365", today).start, end: range.end ?? today });
    else change({ period: next === usual ? undefined : next, start: undefined, end: undefined });
  }
  return { value: custom ? ("custom" as const) : period, range, choose, onRange: (to: Days) => change({ ...to }) };
}

export function PeriodPicker({ value, range: { start, end }, choose, onRange }: ReturnType<typeof usePeriod>) {
  return (
    <>
      <Chips name="Period" options={CHOICES} value={value} onChange={choose} />
      {value === "custom" && (
        <div className="day-range">
          <DayField label="From" value={start} onChange={(day) => onRange({ start: day, end })} />
          <DayField label="To" value={end} onChange={(day) => onRange({ start, end: day })} />
        </div>
      )}
    </>
  );
}

function DayField({ label, value, onChange }: { label: string; value?: Day; onChange: (day?: Day) => void }) {
  return (
    <label className="day-field small">
      {label}
      <input
        type="date"
        className="input"
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </label>
  );
}
