/** When a record changed while it was being edited: both sides, and the choice between them. */

import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { afterWrite } from "../api/queries";
import { type Noun, record } from "../api/records";
import { NOUNS } from "../format/records";
import { differences, FIELDS_OF } from "../format/versions";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Differences } from "./differences";
import { sayFailure } from "./messages";
import { useReading } from "./reading";
import { Answer } from "./states";

/** Saves; false if the record has another version by now, so that `Mismatch` has to ask. */
export async function isSaved(save: () => Promise<unknown>): Promise<boolean> {
  try {
    await save();
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) return false;
    throw error;
  }
}

export function Mismatch<R extends { version: number }>({
  noun,
  id,
  mine,
  save,
  onClose,
  undo,
}: {
  noun: Noun;
  id: string | number;
  /** The record as it would be with what was typed. */
  mine: (current: R) => object;
  save: (current: R) => Promise<unknown>;
  onClose: () => void;
  /** Whether nothing was typed: an earlier change would be taken back. */
  undo?: boolean;
}) {
  const now = useQuery({ ...record<R>(noun, id, undo), staleTime: 0, gcTime: 0 });
  const reading = useReading();
  function keepTheirs() {
    onClose();
    // The page still shows what stood there before.
    void afterWrite();
  }
  async function keepMine(current: R) {
    try {
      await save(current);
      onClose();
    } catch (error) {
      sayFailure(error);
      void now.refetch();
    }
  }
  return (
    <Dialog title={`This ${NOUNS[noun][0].toLowerCase()} changed meanwhile`} onClose={onClose} mustAnswer wide>
      <Answer of={{ ...now, data: now.isFetching ? undefined : now.data }} lines={3}>
        {(current) => (
          <>
            <p className="quiet">
              Somebody, perhaps you in another window, saved version {current.version}. Here is what stands there now
              (−) and what {undo ? "Undo would make of it" : "you want to save"} (+).
            </p>
            <Differences
              of={differences(FIELDS_OF[noun], current, mine(current), reading)}
              none="What stands there now is what you wanted."
            />
            <div className="row end">
              <Button onPress={keepTheirs}>Keep what is there</Button>
              <Button look="primary" onPress={() => keepMine(current)}>
                {undo ? "Undo all the same" : "Save mine over it"}
              </Button>
            </div>
          </>
        )}
      </Answer>
    </Dialog>
  );
}
