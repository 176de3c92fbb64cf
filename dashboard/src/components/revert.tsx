/** A changeset taken back, or done again: previewed first. */

import { useState } from "react";
import { previewRevert, revert } from "../api/changes";
import type { Changeset } from "../api/queries";
import { usePerson } from "../person";
import { titleOf } from "./changesets";
import { Dialog } from "./dialog";
import UndoPreview from "./undo-preview";

export default function RevertDialog({ changeset, onClose }: { changeset: Changeset; onClose: () => void }) {
  const { zone } = usePerson();
  const [force, setForce] = useState(false);
  const { changeset_id, reverts } = changeset;
  const name = reverts ? "Redo" : "Revert";
  return (
    <Dialog title={reverts ? "Redo what was reverted?" : `Revert change ${changeset_id}?`} onClose={onClose} wide>
      <p className="quiet">
        {titleOf(changeset, zone)}. What it added is deleted, what it changed goes back. The revert is a change too, and
        can be undone.
      </p>
      <UndoPreview
        of={["revert", changeset_id, force]}
        dryRun={(cursor) => previewRevert(changeset_id, force, cursor)}
        apply={() => revert(changeset_id, { force })}
        name={name}
        done={`Change ${changeset_id} ${reverts ? "redone" : "reverted"}`}
        option={
          <label className="check">
            <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
            Also take back what was edited since
          </label>
        }
        onClose={onClose}
      />
    </Dialog>
  );
}
