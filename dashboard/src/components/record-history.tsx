/** The history of a record of any noun: its versions, and for records without a page of their own also its fields. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ifMatch } from "../api/client";
import { afterWrite, allItems } from "../api/queries";
import { blame, history, type Noun, record, restoreVersion, undoTo } from "../api/records";
import { changeExactly } from "../api/turns";
import { showInstant } from "../format/days";
import { NOUNS } from "../format/records";
import { FIELDS_OF, show } from "../format/versions";
import { usePerson } from "../person";
import { Fact, originsOf } from "./blame";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { followingOf } from "./following";
import { History } from "./history";
import { say } from "./messages";
import { useReading } from "./reading";
import { Answer } from "./states";

interface Props {
  noun: Noun;
  id: string | number;
  version: number;
  deleted?: boolean;
  live_edits?: number;
}

/** The versions of a record, any two compared, each restored. */
export function RecordHistory({ noun, id, version, deleted, live_edits }: Props) {
  const asked = useInfiniteQuery(history(noun, id, version));
  async function restore(to: number, current: number) {
    const edits = current === version ? live_edits : 0;
    const { made } = await changeExactly(noun, id, ifMatch(current, edits), (meant) =>
      restoreVersion(noun, id, to, meant),
    );
    await afterWrite();
    say(`Version ${to} restored`, undoTo(noun, id, deleted ? null : current, made));
  }
  return (
    <Answer of={asked} lines={Math.min(12, 2 * version - 1)}>
      {(data) => (
        <History
          noun={noun}
          id={String(id)}
          versions={allItems(data)}
          following={followingOf(asked)}
          onRestore={restore}
        />
      )}
    </Answer>
  );
}

/** Says of a deleted record when it was deleted. */
export function DeletedNotice({ at }: { at: string | null }) {
  const { zone } = usePerson();
  if (at === null) return null;
  return (
    <p className="notice" role="status">
      Deleted {showInstant(at, zone)}. Restoring a version brings it back.
    </p>
  );
}

interface Known extends Record<string, unknown> {
  version: number;
  deleted_at: string | null;
  name?: string;
  title?: string;
}

/** The history of a record that has no page of its own, a deleted one too. */
export function HistoryDialog({ noun, id, onClose }: Pick<Props, "noun" | "id"> & { onClose: () => void }) {
  const asked = useQuery(record<Known>(noun, id, true));
  const name = asked.data?.name ?? asked.data?.title ?? `this ${NOUNS[noun][0].toLowerCase()}`;
  return (
    <Dialog title={`History of ${name}`} onClose={onClose}>
      <Answer of={asked} lines={6}>
        {(known) => (
          <>
            <DeletedNotice at={known.deleted_at} />
            <Facts noun={noun} id={id} known={known} />
            <RecordHistory noun={noun} id={id} version={known.version} deleted={known.deleted_at !== null} />
          </>
        )}
      </Answer>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** The fields that are set, each with who set it. */
function Facts({ noun, id, known }: Pick<Props, "noun" | "id"> & { known: Known }) {
  const reading = useReading();
  const origins = useQuery(blame(noun, String(id), known.version)).data?.fields;
  const fields = FIELDS_OF[noun];
  const set = Object.entries(fields).filter(([field]) => known[field] !== null && known[field] !== undefined);
  return (
    <dl className="facts">
      {set.map(([field, [label]]) => (
        <Fact
          key={field}
          name={label}
          value={show(fields, field, known[field], reading)}
          origins={originsOf(origins, { [field]: label })}
        />
      ))}
    </dl>
  );
}
