/** Whether the server has all that was logged, and what it refused. */

import { counted } from "../../format/units";
import { drop, giveUp, reopen, retry } from "../../live/live";
import { isFinishedElsewhere } from "../../live/outbox";
import type { Queued } from "../../live/store";
import { Button } from "../button";
import { sayFailure } from "../messages";

export function Saved({ waiting }: { waiting: Queued[] }) {
  return (
    <p className="saved small" role="status" data-waiting={waiting.length > 0 || undefined}>
      {waiting.length === 0 ? "All saved" : `${counted(waiting.length, "change")} waiting`}
    </p>
  );
}

export function Refused({ waiting }: { waiting: Queued[] }) {
  const [first] = waiting;
  if (!first?.refused) return null;
  if (isFinishedElsewhere(waiting)) {
    return (
      <div className="notice" role="alert">
        <span>
          This workout was finished elsewhere. {counted(waiting.length, "change")} that you made here since{" "}
          {waiting.length === 1 ? "is" : "are"} not part of it.
        </span>
        <span className="row">
          <Button look="primary" onPress={() => reopen(first).catch(sayFailure)}>
            Reopen and save
          </Button>
          <Button look="danger" onPress={() => giveUp(first)}>
            Give up what I logged since
          </Button>
        </span>
      </div>
    );
  }
  return (
    <div className="notice" role="alert">
      <span>A change could not be saved: {first.refused}. What follows waits.</span>
      <span className="row">
        <Button onPress={() => retry(first)}>Try again</Button>
        <Button look="danger" onPress={() => drop(first)}>
          Give it up
        </Button>
      </span>
    </div>
  );
}
