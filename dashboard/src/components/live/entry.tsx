/** The set that comes next, or one that is corrected: big steppers, and what else can be said of a set. */

import { useState } from "react";
import { plain, REPS, WEIGHT } from "../../format/strength";
import { draftOf, keepDraft } from "../../live/drafts";
import { SET_TYPES, type SetType, type SetValues } from "../../live/workout";
import { Button } from "../button";
import { Chips } from "../chips";
import { TextField } from "../field";
import { SelectField } from "../select-field";
import { useUnsaved } from "../unsaved";
import { Stepper } from "./stepper";

const TYPES = Object.entries(SET_TYPES) as [SetType, string][];
const EFFORTS = [
  ["", "–"],
  ...[6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10].map((n) => [String(n), plain(n)] as const),
] as const;

interface Props {
  initial: SetValues;
  /** Where the set comes that is begun here; one that is corrected has none, and is asked about before it is lost. */
  place?: string;
  action: string;
  /** Whether its button takes the focus, as that of the set before had it. */
  autoFocus?: boolean;
  onDone: (values: SetValues) => void;
  onCancel?: () => void;
  onRemove?: () => void;
}

export function SetEntry({ initial, place, action, autoFocus, onDone, onCancel, onRemove }: Props) {
  const [values, setValues] = useState(() => (place && draftOf<SetValues>(place)) || initial);
  useUnsaved(() => !place && JSON.stringify(values) !== JSON.stringify(initial));
  function change(changes: Partial<SetValues>) {
    const next = { ...values, ...changes };
    setValues(next);
    if (place) keepDraft(place, next);
  }
  function done() {
    if (place) keepDraft(place, undefined);
    onDone(values);
  }
  const isUnreadable = [values.weight, values.reps, values.forced_reps].some(Number.isNaN);
  const said = [values.forced_reps, values.rpe, values.note].filter((one) => one !== null).length;
  return (
    <div className="entry">
      <div className="entry-figures">
        <Stepper
          label={`Weight (${values.weight_unit})`}
          kind={WEIGHT}
          value={values.weight ?? 0}
          step={values.weight_unit === "kg" ? 2.5 : 5}
          onChange={(weight) => change({ weight: weight === 0 ? null : weight })}
        />
        <Stepper label="Reps" kind={REPS} value={values.reps ?? 0} step={1} onChange={(reps) => change({ reps })} />
      </div>
      <Chips name="Set type" options={TYPES} value={values.set_type} onChange={(set_type) => change({ set_type })} />
      <details className="entry-more">
        <summary>Effort, forced reps, note{said > 0 && ` · ${said}`}</summary>
        <div className="form">
          <div className="form-pair">
            <SelectField
              label="Effort (RPE)"
              options={EFFORTS}
              value={values.rpe === null ? "" : String(values.rpe)}
              onChange={(rpe) => change({ rpe: rpe === "" ? null : Number(rpe) })}
            />
            <Stepper
              label="Forced reps"
              kind={REPS}
              value={values.forced_reps ?? 0}
              step={1}
              onChange={(forced) => change({ forced_reps: forced === 0 ? null : forced })}
            />
          </div>
          <TextField
            label="Note on the set"
            value={values.note ?? ""}
            onChange={(note) => change({ note: note || null })}
          />
        </div>
      </details>
      <div className="entry-actions">
        {onRemove && (
          <Button look="danger" onPress={onRemove}>
            Delete
          </Button>
        )}
        {onCancel && <Button onPress={onCancel}>Cancel</Button>}
        <Button look="primary" autoFocus={autoFocus} isDisabled={isUnreadable} onPress={done}>
          {action}
        </Button>
      </div>
    </div>
  );
}
