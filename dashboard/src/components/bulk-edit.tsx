/** The same changes for many runs, with one reason. */

import { useQuery } from "@tanstack/react-query";
import { shoes } from "../api/queries";
import { counted } from "../format/units";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import type { RunChanges } from "./run-save";
import { SelectField } from "./select-field";
import { SubmitForm, useSubmit } from "./submit-form";

const KEEP = "";
const NONE = "none";
const LEAVE = [KEEP, "Leave as it is"] as const;

interface Props {
  count: number;
  onSave: (changes: RunChanges, reason: string) => Promise<void>;
  onClose: () => void;
}

export function BulkEdit({ count, onSave, onClose }: Props) {
  const { data } = useQuery(shoes);
  const form = useSubmit(async ({ shoe_id = KEEP, type = KEEP, change_reason = "" }) => {
    const changes: RunChanges = {
      ...(shoe_id !== KEEP && { shoe_id: shoe_id === NONE ? null : shoe_id }),
      ...(type !== KEEP && { type: type as RunChanges["type"] }),
    };
    onClose();
    if (Object.keys(changes).length > 0) await onSave(changes, change_reason.trim());
  });
  return (
    <Dialog title={`Edit ${counted(count, "run")}`} onClose={onClose}>
      <SubmitForm form={form} name="Save" onCancel={onClose}>
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
        <TextField label="Reason" name="change_reason" hint="Why you change them, for the history. May stay empty." />
      </SubmitForm>
    </Dialog>
  );
}
