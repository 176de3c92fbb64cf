/** The same changes for many activities, with one reason. */

import { useQuery } from "@tanstack/react-query";
import { shoes } from "../api/queries";
import { areRuns, type BulkChanges, changeAll, countOf } from "./bulk-save";
import { Dialog } from "./dialog";
import type { Entry } from "./entries";
import { TextField } from "./field";
import { SelectField } from "./select-field";
import { type Fields, REASON, SubmitForm, textOf, useSubmit } from "./submit-form";

const KEEP = "";
const NONE = "none";
const LEAVE = [KEEP, "Leave as it is"] as const;

function changesOf(fields: Fields): BulkChanges {
  const { shoe_id = KEEP, type = KEEP } = fields;
  const notes = textOf(fields, "notes");
  return {
    ...(shoe_id !== KEEP && { shoe_id: shoe_id === NONE ? null : shoe_id }),
    ...(type !== KEEP && { type: type as BulkChanges["type"] }),
    ...(notes !== null && { notes }),
  };
}

export default function BulkEdit({
  chosen,
  onDone,
  onClose,
}: {
  chosen: Entry[];
  onDone: () => void;
  onClose: () => void;
}) {
  const form = useSubmit(async (fields) => {
    const changes = changesOf(fields);
    if (Object.keys(changes).length === 0) return onClose();
    await changeAll(chosen, changes, textOf(fields, "change_reason"));
    onDone();
  });
  return (
    <Dialog title={`Edit ${countOf(chosen.length, chosen)}`} onClose={onClose}>
      <SubmitForm form={form} name="Save" onCancel={onClose}>
        {areRuns(chosen) && <OfRuns />}
        <TextField label="Notes" name="notes" lines={2} hint="In place of those they have. Empty leaves them." />
        <TextField label="Reason" name="change_reason" hint={REASON} />
      </SubmitForm>
    </Dialog>
  );
}

function OfRuns() {
  const { data } = useQuery(shoes);
  return (
    <>
      <SelectField
        label="Shoe"
        name="shoe_id"
        options={[LEAVE, [NONE, "No shoe"], ...(data?.items ?? []).map(({ id, name }) => [id, name] as const)]}
      />
      <SelectField
        label="Type"
        name="type"
        options={[LEAVE, ["Outdoor Run", "Outdoor run"], ["Treadmill Run", "Treadmill run"]]}
      />
    </>
  );
}
