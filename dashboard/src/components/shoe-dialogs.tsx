/** A shoe opened: its fields, its retirement, its history. */

import { answer, api } from "../api/client";
import { afterWrite, type Shoe } from "../api/queries";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { changeShoe } from "./shoe-save";
import { REASON, SubmitForm, textOf, useSubmit } from "./submit-form";
import { remove } from "./trash";

export function ShoeDialog({ shoe, onClose }: { shoe?: Shoe; onClose: () => void }) {
  const form = useSubmit(async (typed) => {
    const name = textOf(typed, "name") ?? "";
    const notes = textOf(typed, "notes");
    if (shoe) {
      const reason = textOf(typed, "change_reason");
      const retired = shoe.retired_at
        ? { retired_at: textOf(typed, "retired_at"), retirement_notes: textOf(typed, "retirement_notes") }
        : {};
      await changeShoe(shoe, { name, notes, ...retired, ...(reason && { change_reason: reason }) }, "Shoe saved");
    } else {
      await answer(api.POST("/v1/shoes", { body: { name, notes } }));
      await afterWrite();
      say("Shoe added");
    }
    onClose();
  });
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
  const form = useSubmit(async ({ retired_at = today, retirement_notes = "" }) => {
    await changeShoe(shoe, { retired_at, retirement_notes: retirement_notes.trim() || null }, `${shoe.name} retired`);
    onClose();
  });
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
