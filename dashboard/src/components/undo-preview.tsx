/** What a revert or a rewind would do: its records, what stays and why, and the button that does it. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { preview, type Undone, undoOf } from "../api/changes";
import { afterWrite } from "../api/queries";
import { NOUNS } from "../format/records";
import { counted } from "../format/units";
import { FIELDS_OF } from "../format/versions";
import { Button } from "./button";
import { say } from "./messages";
import { Records } from "./records";
import { Answer } from "./states";

interface Props {
  /** What tells this dry run from others. */
  of: unknown[];
  dryRun: (cursor?: string) => Promise<Undone>;
  apply: () => Promise<Undone>;
  /** What the button says, and what is said afterwards. */
  name: string;
  done: string;
  /** An option of the dry run. */
  option?: ReactNode;
  onClose: () => void;
}

export function UndoPreview({ of, dryRun, apply, name, done, option, onClose }: Props) {
  const asked = useInfiniteQuery(preview(of, dryRun));
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  async function run() {
    setBusy(true);
    try {
      const outcome = await apply();
      await afterWrite();
      say(done, undoOf(outcome));
      onClose();
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  }
  const first = asked.data?.pages[0];
  return (
    <>
      <Answer of={{ ...asked, data: first }} lines={5}>
        {(outcome) => (
          <>
            <p>
              <b>{counted(outcome.reverted, "record")}</b> would change
              {outcome.kept > 0 && (
                <>
                  , <b>{outcome.kept}</b> would stay in part or whole
                </>
              )}
              . <span className="quiet">Nothing is changed yet.</span>
            </p>
            {outcome.reverted > 0 && (
              <Records
                records={asked.data?.pages.flatMap((page) => page.records?.items ?? []) ?? []}
                onLoadMore={asked.hasNextPage ? () => void asked.fetchNextPage() : undefined}
                isLoading={asked.isFetchingNextPage}
                leads={false}
                empty="No record changes."
              />
            )}
            <Kept outcome={outcome} />
          </>
        )}
      </Answer>
      {option}
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          look="primary"
          isPending={busy}
          isDisabled={!first || asked.isFetching || first.reverted === 0}
          onPress={() => void run()}
        >
          {name}
        </Button>
      </div>
    </>
  );
}

function Kept({ outcome: { problems } }: { outcome: Undone }) {
  if (problems.length === 0) return null;
  return (
    <section>
      <h3>What stays, and why</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it */}
      <section className="problems" aria-label="What stays, and why" tabIndex={0}>
        <ul className="kept">
          {problems.map(({ noun, id, fields, detail }) => (
            <li key={`${noun} ${id}`}>
              {NOUNS[noun][0]} <span className="quiet">{id}</span>
              {fields.length > 0 && `, ${fields.map((field) => FIELDS_OF[noun][field]?.[0] ?? field).join(", ")}`}
              <span className="small quiet"> {detail}</span>
            </li>
          ))}
        </ul>
      </section>
    </section>
  );
}
