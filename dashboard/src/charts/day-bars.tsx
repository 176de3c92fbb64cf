/** Sums of days as bars, or of their weeks where there would be many bars. */

import type { Kind } from "../components/icons";
import { byWeek, periodOf, type Sum } from "../format/series";
import { usePerson } from "../person";
import { Bars } from "./bars";

interface Props {
  title: string;
  kind: Kind;
  unit?: string;
  height: number;
  days: Sum[];
  weekly: boolean;
  show: (value: number) => string;
}

export function DayBars({ days, weekly, ...props }: Props) {
  const { firstDay, today } = usePerson();
  const sums = weekly ? byWeek(days, firstDay) : days;
  const shown = { start: days[0]?.start, end: days.at(-1)?.start };
  const bars = sums.map(({ start, value }) => ({
    ...periodOf(start, weekly ? "week" : "day", today, shown),
    value,
  }));
  return <Bars {...props} bars={bars} />;
}
