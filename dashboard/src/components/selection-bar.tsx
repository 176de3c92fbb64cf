/** What can be done with the chosen rows of the log, all at once. */

import { useState } from "react";
import { forEach, type Progress } from "../api/batch";
import { sendToCalendar } from "../api/calendar";
import { afterWrite, queryClient, run as runQuery } from "../api/queries";
import { counted } from "../format/units";
import { BulkEdit } from "./bulk-edit";
import { Button } from "./button";
import type { Entry } from "./entries";
import { say, sayFailure } from "./messages";
import { deleteRuns, type RunChanges, saveRuns } from "./run-save";

type OnProgress = (progress: Progress) => void;

/** The versions at which the chosen runs are now. */
function runsOf(entries: Entry[]) {
  return Promise.all(entries.map(({ id, run }) => run ?? queryClient.fetchQuery({ ...runQuery(id), staleTime: 0 })));
}

async function sendAll(entries: Entry[], onProgress: OnProgress): Promise<void> {
  const send = ({ kind, id }: Entry) => sendToCalendar(kind === "run" ? "run" : "workout", id);
  const { done, failed, problem } = await forEach(entries, send, onProgress);
  await afterWrite();
  if (problem) throw new Error(`${done.length} sent to the calendar, ${failed} not: ${problem.message}`);
  say(`${counted(done.length, "activity", "activities")} sent to the calendar`);
}

export function SelectionBar({ chosen, onClear }: { chosen: Entry[]; onClear: () => void }) {
  const [progress, setProgress] = useState<Progress & { verb: string }>();
  const [editing, setEditing] = useState(false);
  const onlyRuns = chosen.every(({ kind }) => kind === "run");
  async function work(verb: string, call: (onProgress: OnProgress) => Promise<void>) {
    setProgress({ verb, done: 0, failed: 0, of: chosen.length });
    try {
      await call((now) => setProgress({ verb, ...now }));
      onClear();
    } catch (error) {
      sayFailure(error);
    }
    setProgress(undefined);
  }
  const edit = (changes: RunChanges, reason: string) =>
    work("changed", async (onProgress) => saveRuns(await runsOf(chosen), changes, reason, onProgress));
  const remove = () => work("deleted", async (onProgress) => deleteRuns(await runsOf(chosen), onProgress));
  if (chosen.length === 0) return null;
  return (
    <section className="selection-bar" aria-label="Chosen rows">
      <b>{chosen.length} chosen</b>
      {progress ? (
        <span role="status">
          {progress.done} of {progress.of} {progress.verb}
          {progress.failed > 0 && `, ${progress.failed} failed`}
        </span>
      ) : (
        <>
          {onlyRuns && <Button onPress={() => setEditing(true)}>Edit</Button>}
          <Button onPress={() => void work("sent", (onProgress) => sendAll(chosen, onProgress))}>
            Send to calendar
          </Button>
          {onlyRuns && (
            <Button look="danger" onPress={() => void remove()}>
              Delete
            </Button>
          )}
          <Button look="quiet" onPress={onClear}>
            Clear
          </Button>
        </>
      )}
      {editing && <BulkEdit count={chosen.length} onSave={edit} onClose={() => setEditing(false)} />}
    </section>
  );
}
