/** The days of a week or a month, and the tray: each a place that a planned workout can be dropped on. */

import type { Planned } from "../api/plan";
import { type Day, showDay, weekday } from "../format/days";
import { type Place, TIMES, timeOf } from "../format/plan";
import { usePerson } from "../person";
import { PlanCard } from "./plan-card";
import { usePlace } from "./plan-drag";

type Open = (planned: Planned) => void;

function PlaceBox({
  place,
  name,
  label,
  items,
  onOpen,
}: {
  place: Place;
  name: string;
  label?: string;
  items: Planned[];
  onOpen: Open;
}) {
  const { ref, dropProps, isDropTarget } = usePlace(place);
  return (
    // Keys reach a place while something is dragged; at other times it is not on their way.
    <section
      {...dropProps}
      ref={ref}
      tabIndex={-1}
      aria-label={name}
      className="plan-place"
      data-place={JSON.stringify(place)}
      data-target={isDropTarget || undefined}
      data-empty={items.length === 0 || undefined}
    >
      {label && <span className="plan-place-label small">{label}</span>}
      {items.length > 0 && (
        <ul className="plan-cards">
          {items.map((planned) => (
            <PlanCard key={planned.id} planned={planned} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </section>
  );
}

function onDay(items: Planned[], day: Day): Planned[] {
  return items.filter((planned) => planned.current_day === day);
}

export function WeekBoard({ days, items, onOpen }: { days: Day[]; items: Planned[]; onOpen: Open }) {
  const { today } = usePerson();
  return (
    <ol className="plan-week">
      {days.map((day) => (
        <li key={day} className="plan-day" data-today={day === today || undefined}>
          <h2 className="plan-date">{showDay(day, "weekday")}</h2>
          {TIMES.map(([time, label]) => (
            <PlaceBox
              key={time}
              place={{ day, time }}
              name={`${showDay(day, "weekday")}, ${label.toLowerCase()}`}
              label={label}
              items={onDay(items, day).filter((planned) => timeOf(planned) === time)}
              onOpen={onOpen}
            />
          ))}
        </li>
      ))}
    </ol>
  );
}

export function MonthBoard({
  days,
  month,
  items,
  onOpen,
}: {
  days: Day[];
  month: string;
  items: Planned[];
  onOpen: Open;
}) {
  const { today } = usePerson();
  return (
    <ol className="plan-month">
      {days.map((day) => (
        <li
          key={day}
          className="plan-day"
          data-today={day === today || undefined}
          data-outside={!day.startsWith(month) || undefined}
          data-weekday={weekday(day)}
        >
          <PlaceBox
            place={{ day }}
            name={showDay(day, "weekday")}
            label={showDay(day, "weekday")}
            items={onDay(items, day)}
            onOpen={onOpen}
          />
        </li>
      ))}
    </ol>
  );
}

export function Tray({ items, onOpen }: { items: Planned[]; onOpen: Open }) {
  return (
    <aside className="plan-tray panel" aria-labelledby="plan-tray">
      <header className="panel-head">
        <h2 id="plan-tray">Without a day</h2>
        <span className="small quiet">{items.length > 0 ? items.length : ""}</span>
      </header>
      {items.length === 0 && <p className="small quiet">Drop here what you leave out for now. It stays in the plan.</p>}
      <PlaceBox place="tray" name="Without a day" items={items} onOpen={onOpen} />
    </aside>
  );
}
