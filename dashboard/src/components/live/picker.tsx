/** Finds an exercise, or makes one, without leaving the workout. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { newUuid } from "../../api/uuid";
import { exercises as exercisesQuery } from "../../live/known";
import type { Step } from "../../live/workout";
import { Button } from "../button";
import { Dialog } from "../dialog";
import { TextField } from "../field";
import { SelectField } from "../select-field";
import { Answer } from "../states";
import { SubmitForm, textOf, useSubmit } from "../submit-form";

const MODALITIES = [
  ["", "Any"],
  ["BARBELL", "Barbell"],
  ["DUMBBELL", "Dumbbell"],
  ["CABLE", "Cable"],
  ["MACHINE", "Machine"],
  ["BODYWEIGHT", "Bodyweight"],
] as const;
const SHOWN = 60;

interface Props {
  user: number;
  taken: string[];
  onPick: (...steps: Step[]) => void;
  onClose: () => void;
}

export function Picker({ user, taken, onPick, onClose }: Props) {
  const asked = useQuery(exercisesQuery(user));
  const [text, setText] = useState("");
  const [part, setPart] = useState("");
  const [modality, setModality] = useState("");
  const [making, setMaking] = useState(false);
  const all = asked.data ?? [];
  const parts = [...new Set(all.map(({ body_part }) => body_part ?? "").filter(Boolean))].sort();
  const partOptions = [["", "Any"], ...parts.map((name) => [name, name] as const)] as const;
  if (making) {
    return <MakeExercise name={text} parts={partOptions} onPick={onPick} onClose={() => setMaking(false)} />;
  }
  const words = text.toLowerCase().split(/\s+/);
  const found = all
    .filter((one) => words.every((word) => one.name.toLowerCase().includes(word)))
    .filter((one) => (!part || one.body_part === part) && (!modality || one.modality === modality))
    .toSorted((a, b) => Number(a.is_system) - Number(b.is_system));
  return (
    <Dialog title="Add exercise" onClose={onClose} wide>
      <TextField
        label="Search"
        type="search"
        value={text}
        onChange={setText}
        autoFocus
        input={{ autoComplete: "off" }}
      />
      <div className="form-pair">
        <SelectField label="Body part" options={partOptions} value={part} onChange={setPart} />
        <SelectField label="Modality" options={MODALITIES} value={modality} onChange={setModality} />
      </div>
      <Answer of={asked} lines={5}>
        {() => (
          <ul className="picker">
            {found.slice(0, SHOWN).map(({ id, name, body_part, modality: how }) => (
              <li key={id}>
                <button
                  type="button"
                  disabled={taken.includes(id)}
                  onClick={() => onPick({ kind: "exercise", exercise: id, name })}
                >
                  <span>{name}</span>
                  <span className="small quiet">
                    {taken.includes(id)
                      ? "in this workout"
                      : [body_part, how?.toLowerCase()].filter(Boolean).join(" · ")}
                  </span>
                </button>
              </li>
            ))}
            {found.length > SHOWN && (
              <li className="small quiet picker-more">and {found.length - SHOWN} more: search</li>
            )}
            {found.length === 0 && <li className="quiet picker-more">No exercise is called that.</li>}
          </ul>
        )}
      </Answer>
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button icon="plus" onPress={() => setMaking(true)}>
          New exercise
        </Button>
      </div>
    </Dialog>
  );
}

function MakeExercise({
  name,
  parts,
  onPick,
  onClose,
}: {
  name: string;
  parts: readonly (readonly [string, string])[];
  onPick: (...steps: Step[]) => void;
  onClose: () => void;
}) {
  const form = useSubmit(async (fields) => {
    const [body_part, modality] = [textOf(fields, "body_part"), textOf(fields, "modality")];
    const called = (textOf(fields, "name") ?? "").replace(/\s+/g, " ");
    const exercise = newUuid();
    onPick(
      { kind: "new exercise", exercise, name: called, body_part, modality },
      { kind: "exercise", exercise, name: called },
    );
  });
  const unsaid = (options: readonly (readonly [string, string])[]) => [["", "Not said"] as const, ...options.slice(1)];
  return (
    <Dialog title="New exercise" onClose={onClose}>
      <SubmitForm form={form} name="Make it" onCancel={onClose}>
        <TextField label="Name" name="name" isRequired autoFocus defaultValue={name} input={{ autoComplete: "off" }} />
        <div className="form-pair">
          <SelectField label="Body part" name="body_part" options={unsaid(parts)} />
          <SelectField label="Modality" name="modality" options={unsaid(MODALITIES)} />
        </div>
      </SubmitForm>
    </Dialog>
  );
}
