/** One exercise on the screen: last time's sets, those of today, and the one that comes next. */

import { useEffect, useRef, useState } from "react";
import { newUuid } from "../../api/uuid";
import { ago } from "../../format/days";
import { converted, oneRepMax, plain, setText, type WeightUnit, weight } from "../../format/strength";
import { draftOf, keepDraft } from "../../live/drafts";
import type { LastTime } from "../../live/known";
import { type LiveExercise, type LiveSet, SET_TYPES, type SetValues, type Step } from "../../live/workout";
import { usePerson } from "../../person";
import { Dialog } from "../dialog";
import { TextField } from "../field";
import { SetEntry } from "./entry";

interface Props {
  workout: string;
  exercise: LiveExercise;
  unit: WeightUnit;
  last: LastTime | undefined;
  isLooking: boolean;
  waiting: Set<string>;
  onStep: (step: Step) => void;
  onRemove: (set: LiveSet) => void;
  onAdded: () => void;
}

export function Exercise({ workout, exercise, unit, last, isLooking, waiting, onStep, onRemove, onAdded }: Props) {
  const { zone } = usePerson();
  const [changing, setChanging] = useState<LiveSet>();
  const [hasAdded, setHasAdded] = useState(false);
  const id = exercise.id;
  const next = nextSet(exercise.sets, last, unit);
  // By name: the id of an exercise that was made here becomes another one when the server has it.
  const place = `${workout} ${exercise.name}`;
  return (
    <section className="live-exercise" aria-label={exercise.name}>
      <header>
        <h2>{exercise.name}</h2>
        <p className="small quiet">
          {last ? (
            <>
              Last time, {ago(last.start_ts, zone)}: {last.sets.map(setText).join(", ")}
            </>
          ) : (
            !isLooking && "The first time with this exercise."
          )}
        </p>
      </header>
      <ol className="live-sets" aria-label="Sets">
        {exercise.sets.map((set, index) => (
          <li key={set.id}>
            <button type="button" className="live-set" data-type={set.set_type} onClick={() => setChanging(set)}>
              <span className="live-set-number">{index + 1}</span>
              <b>{setText(set)}</b>
              <span className="small quiet">{detailsOf(set)}</span>
              <span className="small live-set-state">{waiting.has(set.id) ? "waiting" : "saved"}</span>
            </button>
          </li>
        ))}
      </ol>
      <SetEntry
        key={`${exercise.sets.length} ${String(last?.start_ts)}`}
        initial={next}
        place={`${place} ${exercise.sets.length}`}
        action="Add set"
        autoFocus={hasAdded}
        onDone={(values) => {
          onStep({ kind: "set", exercise: id, set: { ...values, id: newUuid() } });
          setHasAdded(true);
          onAdded();
        }}
      />
      <Note
        place={`${place} note`}
        note={exercise.note}
        onNote={(note) => onStep({ kind: "note", exercise: id, note })}
      />
      {changing && (
        <Dialog
          title={`Set ${exercise.sets.findIndex((set) => set.id === changing.id) + 1}`}
          onClose={() => setChanging(undefined)}
        >
          <SetEntry
            initial={changing}
            action="Save"
            onCancel={() => setChanging(undefined)}
            onRemove={() => {
              onRemove(changing);
              setChanging(undefined);
            }}
            onDone={(values) => {
              onStep({ kind: "change set", exercise: id, set: { ...values, id: changing.id } });
              setChanging(undefined);
            }}
          />
        </Dialog>
      )}
    </section>
  );
}

function detailsOf(set: LiveSet): string {
  const most = oneRepMax(set.weight, set.reps);
  return [
    set.set_type !== "normal" && SET_TYPES[set.set_type],
    set.rpe !== null && `RPE ${plain(set.rpe)}`,
    set.forced_reps && `${set.forced_reps} forced`,
    most && set.set_type !== "warmup" && `≈ ${weight(Math.round(most), set.weight_unit)} once`,
    set.note,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What the next set starts from: the same set of last time, else the set before it. */
function nextSet(sets: LiveSet[], last: LastTime | undefined, unit: WeightUnit): SetValues {
  const before = sets.at(-1);
  const then = last?.sets[sets.length] ?? (before ? undefined : last?.sets.at(-1));
  const from = then ?? before;
  const weight = from?.weight == null ? null : converted(from.weight, from.weight_unit, unit);
  return {
    set_type: then?.set_type ?? "normal",
    weight: weight === null ? null : Math.round(weight * 100) / 100,
    weight_unit: unit,
    reps: from?.reps ?? 8,
    forced_reps: null,
    rpe: null,
    note: null,
  };
}

interface NoteProps {
  place: string;
  note: string | null;
  onNote: (note: string | null) => void;
}

function Note({ place, note, onNote }: NoteProps) {
  // Nothing but what was typed is saved: the note may have come from elsewhere meanwhile.
  const [typed, setTyped] = useState(() => draftOf<string>(place));
  function type(text: string) {
    setTyped(text);
    keepDraft(place, text);
  }
  function leave() {
    const next = typed?.trim() || null;
    if (typed !== undefined && next !== note) onNote(next);
    setTyped(undefined);
    keepDraft(place, undefined);
  }
  const latest = useRef(leave);
  latest.current = leave;
  // A page that goes takes the focus from nothing: what was typed is saved as it goes, or when it comes again.
  useEffect(() => {
    latest.current();
    return () => latest.current();
  }, []);
  return (
    <TextField label="Note on the exercise" lines={2} value={typed ?? note ?? ""} onChange={type} onBlur={leave} />
  );
}
