/** A shoe opened: its fields, its retirement, its history. */

import { type ReactNode, useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { afterWrite, type Shoe } from "../api/queries";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { isSaved, Mismatch } from "./mismatch";
import { changeShoe } from "./shoe-save";
import { type Fields, REASON, SubmitForm, textOf, useSubmit } from "./submit-form";
import { remove } from "./trash";

type Changes = Schemas["ShoeChanges"];

/** What somebody changes of a shoe; where it changed meanwhile, `mismatch` asks in the place of the form. */
function useShoeChange(onClose: () => void) {
  const [asked, setAsked] = useState<{ shoe: Shoe; changes: Changes; done: string }>();
  async function change(shoe: Shoe, changes: Changes, done: string): Promise<void> {
    if (await isSaved(() => changeShoe(shoe, changes, done))) onClose();
    else setAsked({ shoe, changes, done });
  }
  const mismatch: ReactNode = asked && (
    <Mismatch<Shoe>
      noun="shoes"
      id={asked.shoe.id}
      mine={(current) => ({ ...current, ...asked.changes })}
      save={(current) => changeShoe(current, asked.changes, asked.done)}
      onClose={onClose}
    />
  );
  return { change, mismatch };
}

/** What the form says otherwise than the shoe: the rest stays as it is, whoever changed it meanwhile. */
function changesOf(typed: Fields, shoe: Shoe): Changes {
  const name = textOf(typed, "name") ?? "";
  const said: Changes = { name, notes: textOf(typed, "notes") };
  if (shoe.retired_at) {
    said.retired_at = textOf(typed, "retired_at");
    said.retirement_notes = textOf(typed, "retirement_notes");
  }
  return Object.fromEntries(Object.entries(said).filter(([field, value]) => value !== shoe[field as keyof Shoe]));
}

export function ShoeDialog({ shoe, onClose }: { shoe?: Shoe; onClose: () => void }) {
  const { change, mismatch } = useShoeChange(onClose);
  const form = useSubmit(async (typed) => {
    if (!shoe) {
      await answer(
        api.POST("/v1/shoes", { body: { name: textOf(typed, "name") ?? "", notes: textOf(typed, "notes") } }),
      );
      await afterWrite();
      say("Shoe added");
      return onClose();
    }
    const changes = changesOf(typed, shoe);
    if (Object.keys(changes).length === 0) return onClose();
    const reason = textOf(typed, "change_reason");
    await change(shoe, { ...changes, ...(reason && { change_reason: reason }) }, "Shoe saved");
  });
  if (mismatch) return mismatch;
  const removal = shoe && (
    <Button
      look="danger"
      onPress={() => {
        onClose();
        void remove("shoes", shoe, shoe.name).catch(sayFailure);
      }}
    >
      Delete
    </Button>
  );
  return (
    <Dialog title={shoe ? "Edit shoe" : "Add shoe"} onClose={onClose}>
      <SubmitForm form={form} name={shoe ? "Save" : "Add shoe"} onCancel={onClose} more={removal}>
        <TextField label="Name" name="name" isRequired autoFocus defaultValue={shoe?.name} />
        <TextField label="Notes" name="notes" defaultValue={shoe?.notes ?? ""} />
        {shoe?.retired_at && (
          <div className="form-pair">
            <TextField label="Retired" name="retired_at" type="date" defaultValue={shoe.retired_at} />
            <TextField label="Why" name="retirement_notes" defaultValue={shoe.retirement_notes ?? ""} />
          </div>
        )}
        {shoe && <TextField label="Reason" name="change_reason" hint={REASON} />}
      </SubmitForm>
    </Dialog>
  );
}

export function RetireDialog({ shoe, onClose }: { shoe: Shoe; onClose: () => void }) {
  const { today } = usePerson();
  const { change, mismatch } = useShoeChange(onClose);
  const form = useSubmit(({ retired_at = today, retirement_notes = "" }) =>
    change(shoe, { retired_at, retirement_notes: retirement_notes.trim() || null }, `${shoe.name} retired`),
  );
  if (mismatch) return mismatch;
  return (
    <Dialog title={`Retire ${shoe.name}`} onClose={onClose}>
      <p className="quiet">Its runs stay as they are. It is no longer offered for new ones.</p>
      <SubmitForm form={form} name="Retire" onCancel={onClose}>
        <TextField label="Retired" name="retired_at" type="date" isRequired defaultValue={today} />
        <TextField label="Why" name="retirement_notes" autoFocus hint="Such as: worn out. May stay empty." />
      </SubmitForm>
    </Dialog>
  );
}
