/** When a record was edited since the change that is to be taken back: both sides, and the choice between them. */

import { useQuery } from "@tanstack/react-query";
import { ifMatch } from "../api/client";
import { afterWrite } from "../api/queries";
import { deleteRecord, type EditedSince, restoreVersion, versionOf } from "../api/records";
import { say } from "./messages";
import { Mismatch } from "./mismatch";

interface Current {
  version: number;
  live_edits?: number;
}

export default function UndoMismatch({ of: { noun, id, version }, onClose }: { of: EditedSince; onClose: () => void }) {
  const before = useQuery({ ...versionOf(noun, id, version ?? 1), enabled: version !== null });
  async function save(current: Current) {
    const header = ifMatch(current.version, current.live_edits);
    await (version === null ? deleteRecord(noun, id, header) : restoreVersion(noun, id, version, header));
    await afterWrite();
    say("Undone");
  }
  const deleted_at = version === null ? new Date().toISOString() : null;
  if (version !== null && !before.data) return null;
  return (
    <Mismatch<Current>
      noun={noun}
      id={id}
      mine={(current) => ({ ...current, ...before.data, deleted_at })}
      save={save}
      onClose={onClose}
      undo
    />
  );
}
