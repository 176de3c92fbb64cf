/** The files that a record came in: download them, read them again, or remove what they brought for good. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { undoOf } from "../api/changes";
import {
  type Measured,
  type Original,
  originalOf,
  originals,
  points as pointsOf,
  readAgain,
  removeOriginal,
  removePoints,
} from "../api/points";
import { afterWrite } from "../api/queries";
import { type Day, localDay, showDay } from "../format/days";
import { number } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { download } from "./download";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { SubmitForm, useSubmit } from "./submit-form";

interface Props {
  noun: Measured;
  id: string;
  points_id: string | null;
  /** The day of the activity, for the name of a downloaded file. */
  day: Day;
  deleted: boolean;
}

const ENDINGS: Record<string, string> = { FIT: ".fit", GPX: ".gpx", TCX: ".tcx" };

export function Originals({ noun, id, points_id, day, deleted }: Props) {
  const { data: files } = useQuery(originals(noun, id));
  // What was removed before has nothing to remove.
  const measured = useQuery({ ...pointsOf(noun, id, points_id ?? ""), enabled: points_id !== null });
  const points = points_id !== null && measured.data !== undefined && !measured.error;
  const [removed, setRemoved] = useState<Original | "points">();
  const reading = useMutation({
    mutationFn: () => readAgain(noun, id),
    onSuccess: async (report) => {
      await afterWrite();
      const changed = report.updated + report.created > 0;
      say(changed ? "Read again, with what is new in it" : "Read again: nothing differs", undoOf(report));
    },
    onError: sayFailure,
  });
  if (!files || (files.length === 0 && !points)) return null;
  return (
    <Panel title="Files">
      <ul className="originals">
        {files.map((file) => (
          <File key={file.sha256} file={file} noun={noun} id={id} day={day} onRemove={() => setRemoved(file)} />
        ))}
      </ul>
      {files.length === 0 && <p className="small quiet">The file that the points came in is not kept.</p>}
      {!deleted && (
        <div className="row">
          {files.length > 0 && (
            <Button isPending={reading.isPending} onPress={() => reading.mutate()}>
              Read again
            </Button>
          )}
          {points && (
            <Button look="quiet" onPress={() => setRemoved("points")}>
              Remove points
            </Button>
          )}
        </div>
      )}
      {removed && <RemoveDialog noun={noun} id={id} what={removed} onClose={() => setRemoved(undefined)} />}
    </Panel>
  );
}

interface FileProps extends Pick<Props, "noun" | "id" | "day"> {
  file: Original;
  onRemove: () => void;
}

function File({ file: { sha256, kind, size, created_at }, noun, id, day, onRemove }: FileProps) {
  const { zone } = usePerson();
  const loading = useMutation({
    mutationFn: () => originalOf(noun, id, sha256),
    onSuccess: (blob) => download(blob, `${day}-${sha256.slice(0, 8)}${ENDINGS[kind] ?? ""}`),
    onError: sayFailure,
  });
  return (
    <li>
      <span>
        <b>{kind}</b>{" "}
        <span className="small quiet">
          {sizeOf(size)} · {showDay(localDay(created_at, zone))}
        </span>
      </span>
      <span className="row">
        <Button
          look="quiet"
          aria-label={`Download ${kind} file`}
          isPending={loading.isPending}
          onPress={() => loading.mutate()}
        >
          Download
        </Button>
        <Button look="quiet" aria-label={`Remove ${kind} file`} onPress={onRemove}>
          Remove
        </Button>
      </span>
    </li>
  );
}

/** "84 kB", "1.2 MB" */
function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${number(Math.ceil(bytes / 1000), 0)} kB` : `${number(bytes / 1_000_000, 1)} MB`;
}

function RemoveDialog({
  noun,
  id,
  what,
  onClose,
}: {
  noun: Measured;
  id: string;
  what: Original | "points";
  onClose: () => void;
}) {
  const form = useSubmit(async () => {
    await (what === "points" ? removePoints(noun, id) : removeOriginal(noun, id, what.sha256));
    await afterWrite();
    say(what === "points" ? "Points removed" : "File removed");
    onClose();
  });
  return (
    <Dialog title={what === "points" ? "Remove the points?" : `Remove the ${what.kind} file?`} onClose={onClose}>
      {what === "points" ? (
        <p>
          Route, curves, laps, splits and best efforts go, also those of earlier versions. The activity stays, with its
          totals. <b>This cannot be undone</b>: no restore and no revert brings the points back, only the file does,
          when it is imported or read again.
        </p>
      ) : (
        <p>
          The activity and its points stay, but cannot be read again. <b>This cannot be undone.</b>
        </p>
      )}
      <SubmitForm form={form} name="Remove" look="danger" onCancel={onClose}>
        {null}
      </SubmitForm>
    </Dialog>
  );
}
