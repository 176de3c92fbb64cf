/** A planned workout opened: what to do, when, and what fulfils it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { type Candidate, candidates, link, type Planned, unlink } from "../api/plan";
import { localDay, showDay } from "../format/days";
import { doneSize, plannedSize, standingOf, TIMES, timeOf } from "../format/plan";
import { hrefOf } from "../format/records";
import { distance, hours, METRES_PER_MILE } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { sayFailure } from "./messages";
import { changePlanned } from "./plan-change";
import { move } from "./plan-drag";
import { PlanForm } from "./plan-form";
import { HistoryDialog } from "./record-history";
import { SelectField } from "./select-field";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import { remove } from "./trash";

export function PlanDialog({ planned, onClose }: { planned: Planned; onClose: () => void }) {
  const { units, today } = usePerson();
  const [shown, setShown] = useState<"form" | "history">();
  if (shown === "form") return <PlanForm planned={planned} day={planned.current_day} onClose={onClose} />;
  if (shown === "history") {
    return <HistoryDialog noun="planned-workouts" id={planned.id} onClose={onClose} />;
  }
  function removeIt() {
    onClose();
    remove("planned-workouts", planned, planned.title).catch(sayFailure);
  }
  return (
    <Dialog title={planned.title} onClose={onClose} wide>
      <p className="quiet">
        {[planned.workout_type, plannedSize(planned, units), showDay(planned.current_day, "long")]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {planned.description && <p className="plan-text">{planned.description}</p>}
      {planned.coach_comments && <blockquote className="plan-text">Coach: {planned.coach_comments}</blockquote>}
      {standingOf(planned, today) !== "off" &&
        (planned.done ? <Fulfilled planned={planned} /> : <Candidates planned={planned} />)}
      <MoveForm planned={planned} onClose={onClose} />
      <div className="row end">
        <Button look="danger" onPress={removeIt}>
          Delete
        </Button>
        <Button look="quiet" onPress={() => setShown("history")}>
          History
        </Button>
        <Button onPress={() => setShown("form")}>Edit</Button>
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function linkOf(done: { run_id: string | null; workout_id: string | null }) {
  return done.run_id === null ? { workout_id: done.workout_id ?? "" } : { run_id: done.run_id };
}

function Fulfilled({ planned }: { planned: Planned }) {
  const { units, zone } = usePerson();
  const { done, did } = planned;
  if (!done) return null;
  const href = done.run_id === null ? hrefOf("workouts", done.workout_id ?? "") : hrefOf("runs", done.run_id);
  return (
    <section>
      <h3>Done</h3>
      {did && (
        <p className="small quiet">
          {[showDay(localDay(did.start_ts, zone), "weekday"), doneSize(planned, units)].filter(Boolean).join(" · ")}
        </p>
      )}
      <div className="row">
        <Link href={href} className="text-link">
          Open the {done.run_id === null ? "workout" : "run"} that fulfils it
        </Link>
        <Button
          onPress={() =>
            changePlanned(
              planned,
              "No longer done",
              ({ id }) =>
                (meant) =>
                  unlink(id, meant),
            ).catch(sayFailure)
          }
        >
          It does not
        </Button>
      </div>
    </section>
  );
}

function Candidates({ planned }: { planned: Planned }) {
  const { zone } = usePerson();
  const asked = useQuery(candidates(planned.id, zone));
  return (
    <section>
      <h3>What fulfils it?</h3>
      <Answer of={asked} lines={2}>
        {(items) =>
          items.length === 0 ? (
            <p className="small quiet">Nothing of this type was done within three days of it.</p>
          ) : (
            <ul className="plan-candidates">
              {items.map((item) => (
                <CandidateRow key={item.run_id ?? item.workout_id} item={item} planned={planned} />
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}

function CandidateRow({ item, planned }: { item: Candidate; planned: Planned }) {
  const { units } = usePerson();
  const facts = [
    showDay(item.day, "weekday"),
    item.distance_meters !== null && distance(item.distance_meters / METRES_PER_MILE, units, 1),
    item.hours !== null && hours(item.hours * 3600),
    item.size_difference !== null && `differs by ${Math.round(item.size_difference * 100)} %`,
  ];
  return (
    <li>
      <span>
        <b>{item.title ?? (item.run_id ? "Run" : "Workout")}</b>{" "}
        <span className="small quiet">{facts.filter(Boolean).join(" · ")}</span>
      </span>
      <Button
        onPress={() =>
          changePlanned(
            planned,
            "Marked as done",
            ({ id }) =>
              (meant) =>
                link(id, linkOf(item), meant),
          ).catch(sayFailure)
        }
      >
        This one
      </Button>
    </li>
  );
}

/** The same move as a drag, by fields. */
function MoveForm({ planned, onClose }: { planned: Planned; onClose: () => void }) {
  const form = useSubmit(async ({ day = planned.current_day, time = "" }) => {
    await move(planned, { day, time });
    onClose();
  });
  return (
    <section className="plan-move">
      <SubmitForm form={form} name="Move" look="outline">
        <TextField label="Day" name="day" type="date" isRequired defaultValue={planned.current_day} />
        <SelectField label="Time of day" name="time" options={TIMES} defaultValue={timeOf(planned)} />
      </SubmitForm>
      {planned.selection.isSelected && (
        <Button look="quiet" onPress={() => move(planned, "tray").then(onClose, sayFailure)}>
          Leave it without a day
        </Button>
      )}
    </section>
  );
}
