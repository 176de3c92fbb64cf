/** A changeset taken back, or done again: previewed first. */

import { useState } from "react";
import { previewRevert, revert } from "../api/changes";
import type { Changeset } from "../api/queries";
import { usePerson } from "../person";
import { titleOf, undoNameOf } from "./changesets";
import { Dialog } from "./dialog";
import UndoPreview from "./undo-preview";

export default function RevertDialog({ changeset, onClose }: { changeset: Changeset; onClose: () => void }) {
  const { zone } = usePerson();
  const [force, setForce] = useState(false);
  const { changeset_id, reverts } = changeset;
  const name = undoNameOf(changeset);
  const isRedo = name === "Redo";
  return (
    <Dialog title={`${name} change ${isRedo ? reverts : changeset_id}?`} onClose={onClose} wide>
      <p className="quiet">
        {titleOf(changeset, zone)}.{" "}
        {isRedo ? "What it took back comes back." : "What it added is deleted, what it changed goes back."} The{" "}
        {name.toLowerCase()} is a change too, and can be undone.
      </p>
      <UndoPreview
        of={["revert", changeset_id, force]}
        dryRun={(cursor) => previewRevert(changeset_id, force, cursor)}
        apply={() => revert(changeset_id, { force })}
        name={name}
        done={isRedo ? `Change ${reverts} redone` : `Change ${changeset_id} reverted`}
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
