/** Sums of days as bars, or of their weeks where there would be many bars. */

import { showDay } from "../format/days";
import { byWeek, type Sum } from "../format/series";
import { usePerson } from "../person";
import { Bars } from "./bars";

interface Props {
  title: string;
  unit?: string;
  height: number;
  days: Sum[];
  weekly: boolean;
  show: (value: number) => string;
}

export function DayBars({ days, weekly, ...props }: Props) {
  const { firstDay } = usePerson();
  const sums = weekly ? byWeek(days, firstDay) : days;
  const bars = sums.map(({ start, value }) => ({
    key: start,
    name: weekly ? `week of ${showDay(start)}` : showDay(start, "weekday"),
    tick: showDay(start, "date"),
    value,
  }));
  return <Bars {...props} bars={bars} />;
}
