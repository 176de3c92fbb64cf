/** What can be done with the chosen rows of the log, all at once. */

import { useState } from "react";
import { forEach, type Progress } from "../api/batch";
import { sendToCalendar } from "../api/calendar";
import { afterWrite } from "../api/queries";
import { counted } from "../format/units";
import { deleteAll } from "./bulk-save";
import { Button } from "./button";
import type { Entry } from "./entries";
import { overlay } from "./late";
import { say, sayFailure } from "./messages";

const BulkEdit = overlay(() => import("./bulk-edit"));

async function sendAll(entries: Entry[], onProgress: (progress: Progress) => void): Promise<void> {
  const send = ({ kind, id }: Entry) => sendToCalendar(kind === "run" ? "run" : "workout", id);
  const { done, failed, problem } = await forEach(entries, send, onProgress);
  await afterWrite();
  if (problem) throw new Error(`${done.length} sent to the calendar, ${failed} not: ${problem.message}`);
  say(`${counted(done.length, "activity", "activities")} sent to the calendar`);
}

function wordsOf({ done, failed, of }: Progress): string {
  return `${done} of ${of} sent${failed > 0 ? `, ${failed} failed` : ""}`;
}

export function SelectionBar({ chosen, onClear }: { chosen: Entry[]; onClear: () => void }) {
  /** What is being done; empty while nothing is. */
  const [doing, setDoing] = useState("");
  const [editing, setEditing] = useState(false);
  async function work(call: () => Promise<void>) {
    try {
      await call();
      onClear();
    } catch (error) {
      sayFailure(error);
    }
    setDoing("");
  }
  const send = () => work(() => sendAll(chosen, (progress) => setDoing(wordsOf(progress))));
  function remove() {
    setDoing("Deleting …");
    return work(() => deleteAll(chosen));
  }
  function changed() {
    setEditing(false);
    onClear();
  }
  if (chosen.length === 0) return null;
  return (
    <section className="selection-bar" aria-label="Chosen rows">
      <b>{chosen.length} chosen</b>
      {doing ? (
        <span role="status">{doing}</span>
      ) : (
        <>
          <Button onPress={() => setEditing(true)}>Edit</Button>
          <Button onPress={() => send()}>Send to calendar</Button>
          <Button look="danger" onPress={() => remove()}>
            Delete
          </Button>
          <Button look="quiet" onPress={onClear}>
            Clear
          </Button>
        </>
      )}
      {editing && <BulkEdit chosen={chosen} onDone={changed} onClose={() => setEditing(false)} />}
    </section>
  );
}
