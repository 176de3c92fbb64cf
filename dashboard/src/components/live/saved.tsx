/** Whether the server has all that was logged, and what it refused. */

import { counted } from "../../format/units";
import { drop, retry } from "../../live/live";
import type { Queued } from "../../live/store";
import { Button } from "../button";

export function Saved({ waiting }: { waiting: Queued[] }) {
  return (
    <p className="saved small" role="status" data-waiting={waiting.length > 0 || undefined}>
      {waiting.length === 0 ? "All saved" : `${counted(waiting.length, "change")} waiting`}
    </p>
  );
}

export function Refused({ waiting: [first] }: { waiting: Queued[] }) {
  if (!first?.refused) return null;
  return (
    <div className="notice" role="alert">
      <span>A change could not be saved: {first.refused}. What follows waits.</span>
      <span className="row">
        <Button onPress={() => void retry(first)}>Try again</Button>
        <Button look="danger" onPress={() => void drop(first)}>
          Give it up
        </Button>
      </span>
    </div>
  );
}
