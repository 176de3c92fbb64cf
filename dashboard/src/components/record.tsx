/** What the pages of a run and of a workout share beside their facts: history, calendar and files. */

import { useLocation } from "wouter";
import type { Measured } from "../api/points";
import { localDay } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { Calendar } from "./calendar";
import { sayFailure } from "./messages";
import { useNarrow } from "./narrow";
import { Originals } from "./originals";
import { Panel } from "./page";
import { RecordHistory } from "./record-history";
import { Sources } from "./sources";

const HISTORY = "history";

interface SideProps {
  noun: Measured;
  record: { id: string; version: number; deleted_at: string | null; points_id: string | null; live_edits?: number };
  /** When the activity began. */
  start: string;
}

/** On a phone the history is below the curves and splits: what leads there. */
export function HistoryButton() {
  const narrow = useNarrow();
  function show() {
    const place = document.getElementById(HISTORY);
    place?.scrollIntoView({ block: "start" });
    place?.focus({ preventScroll: true });
  }
  return narrow && <Button onPress={show}>History</Button>;
}

export function RecordSide({ noun, record: { id, version, deleted_at, points_id, live_edits }, start }: SideProps) {
  const { zone } = usePerson();
  const deleted = deleted_at !== null;
  return (
    <div className="panels">
      <div id={HISTORY} tabIndex={-1}>
        <Panel title="History" aside={<span className="small quiet">Version {version}</span>}>
          <RecordHistory noun={noun} id={id} version={version} deleted={deleted} live_edits={live_edits} />
        </Panel>
      </div>
      {!deleted && <Calendar kind={noun === "runs" ? "run" : "workout"} id={id} version={version} />}
      <Sources noun={noun} id={id} version={version} deleted={deleted} />
      <Originals noun={noun} id={id} points_id={points_id} day={localDay(start, zone)} deleted={deleted} />
    </div>
  );
}

/** Goes to another page once something is done; where it fails, says so and stays. */
export function useLeaving(): (work: Promise<unknown>, path: string) => Promise<void> {
  const [, go] = useLocation();
  return (work, path) => work.then(() => go(path), sayFailure);
}
