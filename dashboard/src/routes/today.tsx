/** How the week stands, how the last twelve went, and what happened lately. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { inbox, waitingIn } from "../api/inbox";
import type { Planned } from "../api/plan";
import {
  allItems,
  type Changeset,
  changesets,
  mileage,
  type mileageOfDays,
  shoes,
  timeline,
  trainingLoad,
} from "../api/queries";
import { LATEST, plannedIn, type Range, today as todayOf, weekOf } from "../api/today";
import { Bars } from "../charts/bars";
import { asPlanned, plannedMiles, RunOfPlanned } from "../components/adherence";
import { Button } from "../components/button";
import { titleOf, undoNameOf } from "../components/changesets";
import { ofActivity } from "../components/entries";
import { KindSign } from "../components/icons";
import { LoadChart, WhatIsThis } from "../components/load-chart";
import { PageFrame, Panel } from "../components/page";
import { Rail } from "../components/rail";
import { RevertDialog } from "../components/revert-dialog";
import { RunDialog } from "../components/run-dialog";
import { Answer, Empty } from "../components/states";
import { WearBar, WORN } from "../components/wear";
import { addDays, ago, type Day, localDay, shortDay, showDay, startOfWeek } from "../format/days";
import { formWord, signed } from "../format/load";
import { plannedSize, standingOf, timeOf } from "../format/plan";
import { byWeek, logHref, MEAN_OF, periodOf, spanOf, withMeans } from "../format/series";
import { distance, duration, fromMiles, METRES_PER_MILE, number, UNIT, type Units } from "../format/units";
import { usePerson } from "../person";
import "../styles/charts.css";
import "../styles/history.css";
import "../styles/today.css";

const WEEKS = 12;
const CHANGES = 5;

type DayMiles = ReturnType<typeof mileageOfDays>;

export default function Today() {
  const { today, firstDay, zone } = usePerson();
  const week = startOfWeek(today, firstDay);
  const { before = week, start = week } = spanOf({ start: addDays(week, -7 * (WEEKS - 1)) }, "week", firstDay);
  const range = { start, end: today, time_zone: zone };
  const asked = useQuery(todayOf(range, week, before));
  const [adding, setAdding] = useState(false);
  return (
    <PageFrame
      title="Today"
      lead={showDay(today, "long")}
      actions={
        <>
          <Link href="/live" className="button outline">
            Start workout
          </Link>
          <Button look="primary" icon="plus" onPress={() => setAdding(true)}>
            Add run
          </Button>
        </>
      }
    >
      <Answer of={asked} lines={12}>
        {() => <Everything range={range} before={before} week={week} onAdd={() => setAdding(true)} />}
      </Answer>
      {adding && <RunDialog onClose={() => setAdding(false)} />}
    </PageFrame>
  );
}

function Everything({ range, before, week, onAdd }: { range: Range; before: Day; week: Day; onAdd: () => void }) {
  const days = useQuery(mileage("day", { ...range, start: before }));
  const latest = useInfiniteQuery(timeline(LATEST));
  const { units } = usePerson();
  const entries = allItems(latest.data).map((one) => ofActivity(one, units));
  if (entries.length === 0) return <FirstSteps onAdd={onAdd} />;
  return (
    <div className="today">
      <Sentence days={days.data} week={week} range={range} />
      <Waiting />
      <Week days={days.data ?? []} week={week} today={range.end} />
      <div className="panels two">
        <Panel title="Mileage by week">
          <Answer of={days} lines={5}>
            {(known) => <WeekBars days={known} first={range.start} />}
          </Answer>
        </Panel>
        <Panel title="Fitness and form" aside={<WhatIsThis />}>
          <LoadChart query={range} height={200} />
        </Panel>
        <Panel title="Latest" aside={<MoreLink href="/log" name="All in the log" />}>
          <Latest entries={entries} />
        </Panel>
        <div className="panels">
          <WhatChanged />
          <WornShoes />
        </div>
      </div>
    </div>
  );
}

function MoreLink({ href, name }: { href: string; name: string }) {
  return (
    <Link href={href} className="text-link small">
      {name}
    </Link>
  );
}

function FirstSteps({ onAdd }: { onAdd: () => void }) {
  return (
    <Empty
      title="Three ways to begin"
      actions={
        <>
          <Button look="primary" icon="plus" onPress={onAdd}>
            Add your first run
          </Button>
          <Link href="/changes" className="button outline">
            Import a file
          </Link>
          <Link href="/settings" className="button outline">
            Set up your profile
          </Link>
        </>
      }
    >
      Type in a run, import a FIT, GPX or TCX file or the export of another app, or set up your profile: units, time
      zone, heart rates. To look around first, the operator of this server can make a demonstration account with{" "}
      <code>fitness demo</code>.
    </Empty>
  );
}

function milesSince(days: DayMiles, from: Day): number {
  return days.reduce((sum, day) => (day.start >= from ? sum + day.miles : sum), 0);
}

function Sentence({ days, week, range }: { days: DayMiles | undefined; week: Day; range: Range }) {
  const { user, units } = usePerson();
  const { data: load } = useQuery(trainingLoad(range));
  const { data: planned } = useQuery(plannedIn(week));
  const form = load?.days.at(-1)?.tsb;
  const { data: adherence = [] } = useQuery(weekOf(week, range.time_zone));
  if (!days) return <p className="sentence">&nbsp;</p>;
  const now = milesSince(days, week);
  const before = milesSince(days, addDays(week, -7)) - now;
  const more = [
    asPlanned(adherence, units),
    `${number(fromMiles(before, units), 1)} ${UNIT[units]} last week`,
    form !== null && form !== undefined && `form ${signed(form)}, ${formWord(form)}`,
    ...(planned ?? []).filter((one) => isAhead(one, range.end)).map((one) => aheadOf(one, units)),
  ];
  return (
    <p className="sentence">
      <span>
        {/* Where the plan asks for no miles, the weekly goal does. */}
        <RunOfPlanned run={now} planned={plannedMiles(adherence) || (user?.weekly_goal_miles ?? 0)} /> this week
      </span>
      <span className="sentence-more">{more.filter(Boolean).join(" · ")}</span>
    </p>
  );
}

/** Whether a workout is planned for the day and is not done. */
function isAhead(planned: Planned, day: Day): boolean {
  return planned.current_day === day && standingOf(planned, day) === "ahead";
}

/** "Tempo 6.0 mi this evening" */
function aheadOf(planned: Planned, units: Units): string {
  const time = timeOf(planned);
  return [planned.title, plannedSize(planned, units), time ? `this ${time}` : "today"].filter(Boolean).join(" ");
}

/** The planned miles of a day, and what is planned for it without a distance: how long, else by its title. */
function plannedOn(planned: Planned[], day: Day, units: Units) {
  const ofDay = planned.filter((one) => one.current_day === day);
  const metres = ofDay.reduce((sum, one) => sum + (one.planned_distance_meters ?? 0), 0);
  const others = ofDay.filter((one) => !one.planned_distance_meters);
  return { planned: metres / METRES_PER_MILE, others: others.map((one) => plannedSize(one, units) || one.title) };
}

/** The most miles of a day up to which all weeks look alike. */
const USUAL = 8;

/** Each day of the week: what was run, filled, and what is planned, outlined. */
function Week({ days, week, today }: { days: DayMiles; week: Day; today: Day }) {
  const { units } = usePerson();
  const { data: planned = [] } = useQuery(plannedIn(week));
  const ran = new Map(days.map((day) => [day.start, day.miles]));
  const shown = Array.from({ length: 7 }, (_, index) => {
    const day = addDays(week, index);
    return { day, ran: ran.get(day) ?? 0, ...plannedOn(planned, day, units) };
  });
  const most = Math.max(USUAL, ...shown.flatMap((one) => [one.ran, one.planned]));
  return (
    <ol className="week" aria-label="This week">
      {shown.map((one) => (
        <WeekDay key={one.day} {...one} today={today} most={most} />
      ))}
    </ol>
  );
}

interface WeekDayProps {
  day: Day;
  ran: number;
  planned: number;
  others: string[];
  today: Day;
  most: number;
}

/** How high the outline of what is planned without a distance is at least, of 40. */
const NO_DISTANCE = 6;

function WeekDay({ day, ran, planned, others, today, most }: WeekDayProps) {
  const { units } = usePerson();
  const show = (miles: number) => number(fromMiles(miles, units), 1);
  const high = (miles: number) => (40 * miles) / most;
  const outline = Math.max(high(planned), others.length > 0 ? NO_DISTANCE : 0);
  const plan = [...(planned > 0 ? [show(planned)] : []), ...others].join(", ");
  return (
    <li className="week-day" data-when={day === today ? "today" : day > today ? "ahead" : "past"}>
      <span className="small">
        {showDay(day, "weekday")
          .split(" ", 2)
          .map((part) => (
            <span key={part}>{part} </span>
          ))}
      </span>
      <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden="true">
        <rect className="week-fill" y={40 - high(ran)} width="10" height={high(ran)} />
        {outline > 0 && <rect className="week-planned" y={40 - outline} width="10" height={outline} />}
      </svg>
      <b>{ran > 0 ? show(ran) : day > today ? "" : "–"}</b>
      <span className="small quiet week-plan">{plan && `plan ${plan}`}</span>
    </li>
  );
}

function WeekBars({ days, first }: { days: DayMiles; first: Day }) {
  const { units, firstDay, today } = usePerson();
  const [, go] = useLocation();
  const weeks = byWeek(
    days.map(({ start, miles }) => ({ start, value: fromMiles(miles, units) })),
    firstDay,
  );
  if (weeks.every(({ value }) => value === 0)) return <p className="quiet">No runs in these weeks.</p>;
  return (
    <Bars
      title="Mileage by week"
      kind="run"
      unit={UNIT[units]}
      height={200}
      lineName={MEAN_OF.week.name}
      show={(value) => `${number(value, 1)} ${UNIT[units]}`}
      onOpen={({ key }) => go(logHref(key, "week"))}
      bars={withMeans(weeks, "week", today)
        .filter(({ start }) => start >= first)
        .map(({ start, ...bar }) => ({ ...bar, ...periodOf(start, "week", today) }))}
    />
  );
}

function Latest({ entries }: { entries: ReturnType<typeof ofActivity>[] }) {
  const { units, zone, today } = usePerson();
  return (
    <ul className="latest">
      {entries.map((entry) => (
        <li key={entry.id}>
          <Link href={entry.href} className="latest-link">
            <KindSign kind={entry.kind} />
            <span className="latest-main">
              <b>{entry.title}</b>
              <span className="small quiet ellipsis">
                {[shortDay(localDay(entry.start, zone), today), entry.detail].filter(Boolean).join(" · ")}
              </span>
            </span>
            <span className="latest-figures">
              <b>{entry.miles === null ? "" : distance(entry.miles, units)}</b>
              <span className="small quiet">{entry.seconds === null ? "" : duration(entry.seconds)}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What waits for a decision, if anything does. */
function Waiting() {
  const { data } = useQuery(inbox);
  const count = data ? waitingIn(data) : 0;
  if (count === 0) return null;
  return (
    <p className="notice">
      {count === 1 ? "1 thing waits" : `${count} things wait`} for your decision.
      <Link href="/inbox" className="text-link">
        Open the inbox
      </Link>
    </p>
  );
}

function WhatChanged() {
  const { zone } = usePerson();
  const asked = useInfiniteQuery(changesets);
  const items = allItems(asked.data).slice(0, CHANGES);
  const [reverting, setReverting] = useState<Changeset>();
  if (items.length === 0) return null;
  return (
    <Panel title="What changed" aside={<MoreLink href="/changes" name="All changes" />}>
      <Rail
        name="What changed"
        nodes={items.map((changeset) => ({
          key: String(changeset.changeset_id),
          title: (
            <Link href={`/changes/${changeset.changeset_id}`} className="quiet-link">
              {titleOf(changeset, zone)}
            </Link>
          ),
          look: changeset.reverted_by ? "undone" : "plain",
          meta: ago(changeset.created_at, zone),
          mark: !changeset.reverted_by && (
            <Button look="quiet" onPress={() => setReverting(changeset)}>
              {undoNameOf(changeset)}
            </Button>
          ),
        }))}
      />
      {reverting && <RevertDialog changeset={reverting} onClose={() => setReverting(undefined)} />}
    </Panel>
  );
}

const NEAR = 0.8;

function WornShoes() {
  const { units } = usePerson();
  const { data } = useQuery(shoes);
  const worn = (data?.items ?? [])
    .filter((shoe) => !shoe.retired_at && shoe.mileage >= WORN * NEAR)
    .toSorted((a, b) => b.mileage - a.mileage);
  if (worn.length === 0) return null;
  return (
    <Panel title="Shoes near their limit" aside={<MoreLink href="/shoes" name="All shoes" />}>
      <ul className="worn-shoes">
        {worn.map((shoe) => (
          <li key={shoe.id}>
            <span className="row">
              <b>{shoe.name}</b>
              <span className="quiet">{distance(shoe.mileage, units, 0)}</span>
            </span>
            <WearBar miles={shoe.mileage} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
