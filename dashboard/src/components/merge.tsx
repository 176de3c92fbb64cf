/** Two shoes, or two exercises, that are one: what is merged goes into the other, which keeps its name. */

import { type ReactNode, useState } from "react";
import { undoOf } from "../api/changes";
import { afterWrite } from "../api/queries";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { say } from "./messages";
import { SelectField } from "./select-field";
import { SubmitForm, useSubmit } from "./submit-form";

export interface Mergeable {
  id: string;
  name: string;
  /** What it has, such as "312 mi in 48 runs". */
  has: ReactNode;
}

interface Props {
  /** What they are: "shoe" or "exercise". */
  what: string;
  one: Mergeable;
  others: Mergeable[];
  merge: (into: string) => Promise<{ changeset_id: number; moved: number }>;
  onClose: () => void;
}

export function MergeDialog({ what, one, others, merge, onClose }: Props) {
  const [into, setInto] = useState("");
  const other = others.find(({ id }) => id === into);
  const form = useSubmit(async () => {
    const done = await merge(into);
    await afterWrite();
    say(`${one.name} merged into ${other?.name}`, undoOf(done));
    onClose();
  });
  if (others.length === 0) {
    return (
      <Dialog title={`Merge ${one.name}`} onClose={onClose}>
        <p>There is no other {what} to merge it into.</p>
        <div className="row end">
          <Button onPress={onClose}>Close</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Merge ${one.name}`} onClose={onClose}>
      <p className="quiet">
        For one {what} that has two names: what {one.name} has goes to the other, which stays.
      </p>
      <SubmitForm form={form} name="Merge" onCancel={onClose}>
        <SelectField
          label="Into"
          required
          value={into}
          options={[["", `Choose the ${what} that stays`], ...others.map(({ id, name }) => [id, name] as const)]}
          onChange={setInto}
        />
        {other && <Preview what={what} one={one} other={other} />}
      </SubmitForm>
    </Dialog>
  );
}

function Preview({ what, one, other }: { what: string; one: Mergeable; other: Mergeable }) {
  return (
    <section className="form" aria-label="Preview">
      <table className="plain-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Has now</th>
            <th>Afterwards</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{one.name}</td>
            <td>{one.has}</td>
            <td>
              <del>deleted</del>
            </td>
          </tr>
          <tr>
            <td>{other.name}</td>
            <td>{other.has}</td>
            <td>
              <ins>has both</ins>
            </td>
          </tr>
        </tbody>
      </table>
      <p className="small quiet">
        Imports that name {one.name} use {other.name} from then on. The merge is one change: undo it, or revert it under
        Changes. Nothing of the {what} that stays is overwritten.
      </p>
    </section>
  );
}
