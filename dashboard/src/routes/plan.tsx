/** What is planned, week by week or month by month; moved by dragging, and compared with what was done. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { type Done, doneAround, type Planned, plannedOf, withDone } from "../api/plan";
import { record } from "../api/records";
import { useAddress } from "../components/address";
import { Adherence, useAdherence } from "../components/adherence";
import { Button, IconButton } from "../components/button";
import { Chips } from "../components/chips";
import { importFiles } from "../components/importing";
import { overlay } from "../components/late";
import { PageFrame } from "../components/page";
import { MonthBoard, Tray, WeekBoard } from "../components/plan-board";
import { PlanDialog } from "../components/plan-dialog";
import { useDropped } from "../components/plan-drag";
import { PlanForm } from "../components/plan-form";
import { HistoryDialog } from "../components/record-history";
import { Answer, Empty, together } from "../components/states";
import { addDays, type Day, dayOf, daysBetween, type FirstDay, showDay, startOfWeek } from "../format/days";
import { usePerson } from "../person";
import "../styles/history.css";
import "../styles/plan.css";

const TrashDialog = overlay(() => import("../components/trash-dialog"));

const VIEWS = [
  ["week", "Week"],
  ["month", "Month"],
] as const;
type View = "week" | "month";

/** The days that a view shows: seven, or the whole weeks that a month lies in. */
function daysOf(view: View, day: Day, firstDay: FirstDay): Day[] {
  const first = startOfWeek(view === "week" ? day : `${day.slice(0, 7)}-01`, firstDay);
  const weeks = view === "week" ? 1 : Math.floor(daysBetween(first, lastOfMonth(day)) / 7) + 1;
  return Array.from({ length: 7 * weeks }, (_, index) => addDays(first, index));
}

function lastOfMonth(day: Day): Day {
  return addDays(firstOfNext(day), -1);
}

function firstOfNext(day: Day): Day {
  return `${addDays(`${day.slice(0, 7)}-01`, 32).slice(0, 7)}-01`;
}

function turned(view: View, day: Day, direction: 1 | -1): Day {
  if (view === "week") return addDays(day, 7 * direction);
  return direction === 1 ? firstOfNext(day) : `${addDays(`${day.slice(0, 7)}-01`, -1).slice(0, 7)}-01`;
}

function titleOf(view: View, days: Day[], day: Day): string {
  if (view === "month") return showDay(day, "month");
  return `${showDay(days[0] ?? day, "weekday")} – ${showDay(days.at(-1) ?? day)}`;
}

type Shown = { planned: number } | { adding: true } | { trash: true };

export default function Plan() {
  const { today, firstDay, zone } = usePerson();
  const [address, change] = useAddress();
  const view: View = address.view === "month" ? "month" : "week";
  const [shown, setShown] = useState<Shown>();
  const wanted = shown && "planned" in shown ? shown.planned : Number(address.planned);
  const named = useQuery({ ...record<Planned>("planned-workouts", wanted, true), enabled: wanted > 0 });
  const day = dayOf(address.day) ?? (wanted > 0 ? named.data?.current_day : undefined) ?? today;
  const days = daysOf(view, day, firstDay);
  const start = days[0] ?? day;
  const end = days.at(-1) ?? day;
  const done = useQuery(doneAround({ start, end, time_zone: zone }));
  const board = useQuery(plannedOf({ start, end, selected: true }));
  const tray = useQuery(plannedOf({ selected: false }));
  const against = useAdherence({
    start: view === "week" ? start : `${day.slice(0, 7)}-01`,
    end: view === "week" ? end : lastOfMonth(day),
    time_zone: zone,
  });
  function close() {
    setShown(undefined);
    change({ planned: undefined, day: day === today ? undefined : day });
  }
  const open = ({ id }: Planned) => setShown({ planned: id });
  const found =
    [...(board.data ?? []), ...(tray.data ?? [])].find(({ id }) => id === wanted) ??
    (wanted > 0 ? named.data : undefined);
  const [opened] = withDone(found ? [found] : [], done.data ?? new Map());
  return (
    <PageFrame
      title="Plan"
      lead={titleOf(view, days, day)}
      actions={
        <>
          <Button look="quiet" onPress={() => setShown({ trash: true })}>
            Trash
          </Button>
          <FileTrigger allowsMultiple onSelect={(files) => files && importFiles([...files])}>
            <Button icon="file">Import</Button>
          </FileTrigger>
          <Button look="primary" icon="plus" onPress={() => setShown({ adding: true })}>
            Add planned workout
          </Button>
        </>
      }
    >
      {address.planned && !opened && named.error && (
        <p className="notice" role="alert">
          There is no such planned workout. It may belong to another account, or never have been here.
        </p>
      )}
      <div className="plan-bar">
        <Chips name="View" options={VIEWS} value={view} onChange={(next: View) => change({ view: next })} />
        <div className="row">
          <IconButton icon="back" name={`Previous ${view}`} onPress={() => change({ day: turned(view, day, -1) })} />
          <Button onPress={() => change({ day: undefined })}>This {view}</Button>
          <IconButton icon="forward" name={`Next ${view}`} onPress={() => change({ day: turned(view, day, 1) })} />
        </div>
      </div>
      <Answer of={together(board, tray, against, done)} lines={12}>
        {([items, aside, sums, did]) => (
          <>
            <Adherence name={rangeName(view, start, end, today)} of={sums} />
            {items.length === 0 && aside.length === 0 && (
              <Empty title={`Nothing is planned for this ${view}`}>
                Add a planned workout, or import a plan from TrainingPeaks: you see what it would change before it does.
              </Empty>
            )}
            <Board
              view={view}
              days={days}
              month={day.slice(0, 7)}
              planned={[...items, ...aside]}
              done={did}
              onOpen={open}
            />
          </>
        )}
      </Answer>
      {opened &&
        (opened.deleted_at === null ? (
          <PlanDialog planned={opened} onClose={close} />
        ) : (
          <HistoryDialog noun="planned-workouts" id={opened.id} onClose={close} />
        ))}
      {shown && "trash" in shown && <TrashDialog noun="planned-workouts" onClose={close} />}
      {shown && "adding" in shown && (
        <PlanForm day={view === "week" ? laterOf(start, today, end) : today} onClose={close} />
      )}
    </PageFrame>
  );
}

interface BoardProps {
  view: View;
  days: Day[];
  month: string;
  /** What is on these days, and what has none. */
  planned: Planned[];
  done: Done;
  onOpen: (planned: Planned) => void;
}

function Board({ view, days, month, planned, done, onOpen }: BoardProps) {
  const all = useDropped(planned);
  const items = all.filter(({ selection }) => selection.isSelected);
  const aside = all.filter(({ selection }) => !selection.isSelected);
  const shown = { days, items: withDone(items, done), onOpen };
  return (
    <div className="plan" data-view={view}>
      {view === "week" ? <WeekBoard {...shown} /> : <MonthBoard {...shown} month={month} />}
      <Tray items={aside} onOpen={onOpen} />
    </div>
  );
}

/** What the days shown are called: "this week", "in the month". */
function rangeName(view: View, start: Day, end: Day, today: Day): string {
  return today >= start && today <= end ? `this ${view}` : `in the ${view}`;
}

/** Today where the week holds it, else its first day. */
function laterOf(start: Day, today: Day, end: Day): Day {
  return today >= start && today <= end ? today : start;
}
